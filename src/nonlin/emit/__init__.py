"""One file per target: an expression as LLVM, PyTorch, LaTeX or MathML text."""
