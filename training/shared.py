"""What several steps share and what needs no PyTorch: folders, the sides of a codebook's stance, the checksums of the model."""

from hashlib import sha256
from pathlib import Path

from framing import Codebook

ROOT = Path(__file__).parents[1]
SENTENCES = Path(__file__).parent / "data" / "framing-entailment"
CODEBOOKS = ROOT / "data" / "codebooks"
THRESHOLD = 0.5  # of a decision, as the studies have it by default
BUNDLED = ROOT / "src" / "framing" / "entailment" / "bundled"


def wordings_of(codebook: Codebook) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codebook's two sides of stance as wordings with {target} in them."""
    if codebook.stance is None:
        raise ValueError(f"codebook {codebook.name} asks for no stance")
    asked = codebook.stance
    favor, against = (
        tuple(wording.replace(asked.target, "{target}") for wording in some) for some in (asked.favor, asked.against)
    )
    return favor, against


def write_sums(folder: Path) -> None:
    """The SHA-256 of each file that `framing` reads."""
    names = ("config.json", "model.onnx", "reference.json", "tokenizer.json")
    sums = "".join(f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (folder / "sha256sums.txt").write_text(sums, encoding="ascii")
