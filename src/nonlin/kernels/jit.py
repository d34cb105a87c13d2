"""LLVM: module text to an object file, and an object file to addresses. The only place that imports llvmlite."""

from __future__ import annotations

from functools import cache
from typing import Any

from nonlin.errors import MissingDependencyError

_ENGINES: list[Any] = []
"""Every engine ever made: it owns the machine code whose address NumPy keeps."""


def object_file(text: str) -> bytes:
    """Optimise the module and return position-independent machine code as an object file.

    Raises RuntimeError with LLVM's message for text that does not parse or verify.
    """
    binding, machine = _llvm()
    module = binding.parse_assembly(text)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    module.verify()
    _optimise(binding, machine, module)
    data: bytes = machine.emit_object(module)
    return data


def assembly(text: str) -> str:
    """The optimised machine code as readable text, to see whether a body became vector code."""
    binding, machine = _llvm()
    module = binding.parse_assembly(text)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    _optimise(binding, machine, module)
    listing: str = machine.emit_assembly(module)
    return listing


def link(data: bytes, names: tuple[str, ...]) -> dict[str, int]:
    """Let LLVM load an object file and return the addresses of the functions `names`."""
    binding, _ = _llvm()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _machine(binding))
    engine.add_object_file(binding.ObjectFileRef.from_data(data))
    engine.finalize_object()
    _ENGINES.append(engine)
    return {name: int(engine.get_function_address(name)) for name in names}


def _optimise(binding: Any, machine: Any, module: Any) -> None:
    options = binding.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = True
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)


@cache
def _llvm() -> tuple[Any, Any]:
    """llvmlite's binding and a machine for this processor."""
    try:
        import llvmlite.binding as binding
    except ImportError as error:
        rule = "compiling a kernel needs llvmlite"
        raise MissingDependencyError(rule, received=str(error), fix="pip install llvmlite") from error
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding, _machine(binding)


def _machine(binding: Any) -> Any:
    features = binding.get_host_cpu_features().flatten()
    target = binding.Target.from_default_triple()
    # Position-independent and small: constants are then reached relative to the instruction, see image.py.
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(), features=features, opt=3, reloc="pic", codemodel="small"
    )
