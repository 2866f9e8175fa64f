"""The committed schemas are current, refuse what the models refuse, and accept what the models accept."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.load import parse
from scripts.records import KINDS, Article, Claim, Measure, Publisher, Source, Topic
from scripts.schemas import schema, write_schemas
from tests.world import SOUND, put

FOLDER = Path(__file__).parent.parent / "schemas"


def check(kind, *paths):
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", FOLDER / f"{kind}.schema.json", *paths]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def kind_of(path):
    top, *rest = path.split("/")
    if top == "articles":
        return "article" if rest[-1] == "article.yml" else "claim"
    if not rest:
        return top.removesuffix(".yml")
    return top.removesuffix("s")


def test_the_schemas_are_current():
    assert write_schemas(FOLDER, KINDS, dry=True) == []


def test_stale_schemas_are_named_and_written(tmp_path):
    write_schemas(tmp_path, KINDS)
    (tmp_path / "claim.schema.json").write_text("{}")
    assert write_schemas(tmp_path, KINDS, dry=True) == [tmp_path / "claim.schema.json"]
    assert (tmp_path / "claim.schema.json").read_text() == "{}"
    assert write_schemas(tmp_path, KINDS) == [tmp_path / "claim.schema.json"]
    assert write_schemas(tmp_path, KINDS) == []


@pytest.mark.parametrize("kind", [kind.__name__.lower() for kind in KINDS])
def test_an_independent_validator_refuses_an_empty_record_and_accepts_a_sound_one(tmp_path, kind):
    empty = put(tmp_path, {"empty.yml": "{}\n"}) / "empty.yml"
    refused = check(kind, empty)
    assert refused.returncode == 1, refused.stderr
    assert "is a required property" in refused.stdout
    world = SOUND | {
        "site.yml": "name: The bridge\n",
        "exceptions.yml": "exceptions:\n- {rule: a-rule, file: topics/x.yml, because: It must, until: 2020}\n",
        "names.yml": "names:\n- {name: Alder, not: [Elder]}\n",
    }
    sound = [path for path in world if kind_of(path) == kind]
    assert sound
    # JSON Schema knows no text that looks like a number: the validator is given the values as the loader reads them
    files = {path: json.dumps(parse(world[path].encode()).value) for path in sound}
    root = put(tmp_path / "sound", {path.replace(".yml", ".json"): text for path, text in files.items()})
    accepted = check(kind, *(root / path.replace(".yml", ".json") for path in sound))
    assert accepted.returncode == 0, accepted.stdout


def test_the_models_refuse_an_empty_record():
    for kind in KINDS:
        with pytest.raises(ValueError, match="Field required"):
            kind.model_validate({})


def test_every_term_carries_its_meaning_into_the_schema():
    text = schema(Claim)
    for word in ("contradicts", "vague-source", "misattribution"):
        assert word in text
    assert "If the source is right, the statement is wrong." in text


def test_schemas_read_as_plain_yaml_too():
    for kind in (Article, Claim, Source, Publisher, Topic, Measure):
        assert yaml.safe_load(schema(kind))["title"] == kind.__name__
