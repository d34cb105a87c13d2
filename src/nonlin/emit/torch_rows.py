"""The row searches as PyTorch source: found by sorting without a gradient, then solved again with one.

On the entries above τ its equation is linear or quadratic, and PyTorch differentiates that solution to any order.
"""

from collections.abc import Mapping

ROW_HELPERS: Mapping[str, str] = {
    "row_offset": """
def row_offset(u, anchor):
    return torch.where(torch.isinf(u) & (u == anchor), 0.0, u - anchor)
""",
    "row_threshold": """
def row_threshold(u):
    ordered = torch.gather(u.detach(), -1, torch.argsort(u.detach(), dim=-1, descending=True))
    counts = torch.arange(1, u.shape[-1] + 1, dtype=u.dtype, device=u.device)
    taus = (torch.cumsum(ordered, dim=-1) - 1.0) / counts
    last = torch.sum(ordered > taus, dim=-1, keepdim=True).clamp(min=1) - 1
    inside = u.detach() > torch.gather(taus, -1, last)
    count = torch.sum(inside, dim=-1, keepdim=True)
    tau = (torch.sum(torch.where(inside, u, 0.0), dim=-1, keepdim=True) - 1.0) / count
    return torch.where(torch.isnan(u).any(dim=-1, keepdim=True), float("nan"), tau)
""",
    "row_square_threshold": """
def row_square_threshold(u):
    ordered = torch.gather(u.detach(), -1, torch.argsort(u.detach(), dim=-1, descending=True))
    counts = torch.arange(1, u.shape[-1] + 1, dtype=u.dtype, device=u.device)
    means = torch.cumsum(ordered, dim=-1) / counts
    spreads = torch.cumsum(ordered * ordered, dim=-1) - counts * means * means
    taus = means - torch.sqrt(torch.clamp(1.0 - spreads, min=0.0) / counts)
    last = torch.sum(ordered > taus, dim=-1, keepdim=True).clamp(min=1) - 1
    inside = u.detach() > torch.gather(taus, -1, last)
    count = torch.sum(inside, dim=-1, keepdim=True)
    mean = torch.sum(torch.where(inside, u, 0.0), dim=-1, keepdim=True) / count
    gaps = torch.where(inside, u - mean, 0.0)
    tau = mean - torch.sqrt((1.0 - torch.sum(gaps * gaps, dim=-1, keepdim=True)) / count)
    return torch.where(torch.isnan(u).any(dim=-1, keepdim=True), float("nan"), tau)
""",
    # sign(|u| + 1) is 1 with a gradient, of zero, so that whoever asks for it gets one.
    "row_winner": """
def row_winner(u):
    one = torch.sign(torch.abs(u) + 1.0)
    places = torch.arange(u.shape[-1], device=u.device)
    marks = torch.where(places == torch.argmax(u.detach(), dim=-1, keepdim=True), one, one - one)
    return torch.where(torch.isnan(u).any(dim=-1, keepdim=True), float("nan"), marks)
""",
}
