"""The commands."""
from __future__ import annotations
import sys
from pathlib import Path
from scripts.check import check
from scripts.load import load
c = load(Path("claims"), Path("build/cache/records"))
p = check(c)
print(*p, sep="\n")
sys.exit(1 if p else 0)
