"""Claimtrail: curated YAML under `claims/` in, a static provenance site out."""
