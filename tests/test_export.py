"""The exports, read by programs that are not ours: they hold what the records hold, follow their schemas, and are the same bytes."""

import contextlib
import copy
import csv
import hashlib
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import feedparser
import jsonschema
import pandas as pd
import pytest
from lxml import etree

from scripts import export as exporting
from scripts.bench import invent
from scripts.database import APPLICATION_ID, Database, DatabaseError
from scripts.dataset import dictionary, schema
from scripts.export import Export, ExportError, filled, readable
from scripts.load import load, parse
from scripts.publish import BuildError, write_data
from scripts.relate import Relations
from scripts.render import Settings, Site
from scripts.sitemap import split
from scripts.tables import TABLES
from scripts.version import version
from tests.world import ARTICLE, CLAIM, SOFT, SOUND, corpus, edited, put

PROJECT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data"
SETTINGS = Settings(
    url="https://site.example/",
    repo="https://code.example/x/y",
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    credit="Bridge contributors",
)
ODD = """A "b", <i>c</i> & d; =1+1 | ü ﷺ 'e'"""
WORLD = edited(
    (CLAIM, "kind: figure", "corrected:\n- {on: 2020-03-01, what: The <b>date</b> was mended.}\n- {on: 2020-05, what: The number was.}\nkind: figure"),
    (CLAIM, "  locator: p. 8", "  locator: p. 8\n  rests_on: []"),
    (SOFT, "kind: fact", "withdrawn: {on: 2020-04-01, reason: It was counted twice.}\nkind: fact"),
    (SOFT, "reopening of the bridge fifteen months after its closing.", "reopening fifteen months later.\n  rests_on: [county-2017-report]"),
    (ARTICLE, "title: The bridge that nobody opened", f"title: '{ODD.replace(chr(39), chr(39) * 2)}'"),
    ("measures/months-shut.yml", "title: Months shut", "share: true\ntitle: Months shut"),
)  # fmt: skip


def site_of(world, settings=SETTINGS):
    return Site(Relations(world), settings)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return site_of(corpus(tmp_path_factory.mktemp("world"), WORLD))


@pytest.fixture(scope="module")
def out(site, tmp_path_factory):
    """A folder with every export of the invented world."""
    folder = tmp_path_factory.mktemp("export")
    write_data(site, folder)
    return folder


@pytest.fixture(scope="module")
def real_out(real, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    write_data(site_of(real), folder)
    return folder


@pytest.fixture(params=["invented", "real"])
def any_out(request):
    """The exports of the invented world, and of the real record."""
    return request.getfixturevalue("out" if request.param == "invented" else "real_out")


def read(folder, path):
    return json.loads((folder / "data/v1" / path).read_text(encoding="utf-8"))


# ---- JSON -----------------------------------------------------------------------------------------------------------


def closed(part):
    """A schema that allows no field that it doesn't name."""
    if isinstance(part, dict):
        made = {key: closed(value) for key, value in part.items()}
        return made | {"additionalProperties": False} if "properties" in part else made
    return [closed(item) for item in part] if isinstance(part, list) else part


def validator(folder, name=""):
    whole = closed(read(folder, "claimtrail.schema.json"))
    if name:
        whole = {"$schema": whole["$schema"], "$defs": whole["$defs"], "$ref": f"#/$defs/{name}"}
    return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())


def test_the_whole_record_follows_its_schema_and_has_no_field_besides(any_out):
    validator(any_out).check_schema(read(any_out, "claimtrail.schema.json"))
    assert [error.message for error in validator(any_out).iter_errors(read(any_out, "claimtrail.json"))] == []


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda doc: doc["statements"][0].pop("derived"), "'derived' is a required property"),
        (lambda doc: doc["statements"][0].update(verdict="x"), "Additional properties"),
        (lambda doc: doc["statements"][1]["evidence"][0].update(stance="hostile"), "is not valid under any"),
        (lambda doc: doc["statements"][1]["quantity"].update(about="36"), "is not of type 'number'"),
        (lambda doc: doc["sources"][0].update(published="yesterday"), "does not match"),
    ],
)
def test_the_schema_refuses_what_is_not_so(out, break_it, message):
    document = read(out, "claimtrail.json")
    break_it(document)
    assert any(message in error.message for error in validator(out).iter_errors(document))


def test_each_statement_has_a_file_with_what_it_cites(any_out):
    whole = read(any_out, "claimtrail.json")
    check = validator(any_out, "StatementFile")
    sources = {source["id"]: source for source in whole["sources"]}
    for statement in whole["statements"]:
        document = read(any_out, f"articles/{statement['id']}.json")
        check.validate(document)
        assert document["statement"] == statement
        cited = {item["source"] for item in statement["evidence"]}
        cited |= {statement["attribution"]["source"]} if "source" in statement["attribution"] else set()
        assert {source["id"]: source for source in document["sources"]} == {id: sources[id] for id in cited}
    assert len(list((any_out / "data/v1/articles").rglob("*.json"))) == len(whole["statements"])


@pytest.mark.parametrize("name", ["articles", "statements", "sources", "publishers", "topics", "measures"])
def test_a_line_of_ndjson_is_a_record_of_the_whole(any_out, name):
    lines = (any_out / f"data/v1/{name}.ndjson").read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == read(any_out, "claimtrail.json")[name]


def bare(value):
    """A document without what was worked out, every leaf as text."""
    if isinstance(value, dict):
        return {key: bare(inner) for key, inner in value.items() if key != "derived"}
    if isinstance(value, list):
        return [bare(inner) for inner in value]
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


DEFAULTS = {"order": "0", "share": "false", "lang": "en"}


def test_outside_derived_a_document_holds_exactly_what_the_record_says(real, real_out):
    whole = read(real_out, "claimtrail.json")
    count = 0
    for kind in ("articles", "statements", "sources", "publishers", "topics", "measures"):
        for document in whole[kind]:
            made = bare(document)
            id = made.pop("id")
            records = real.claims if kind == "statements" else getattr(real, kind)
            path = PROJECT / "claims" / records[id].path
            assert trimmed(made, True) == trimmed(parse(path.read_bytes()).value), path
            count += 1
    assert count == sum(1 for _ in real.records())


def trimmed(value, made=False):
    """Without what is the same as leaving it out: empty lists (`rests_on` apart), and defaults of a document."""
    if isinstance(value, dict):
        return {
            key: trimmed(inner, made)
            for key, inner in value.items()
            if inner is not None
            and not (inner == [] and key != "rests_on")
            and not (key in DEFAULTS and inner == DEFAULTS[key])
        }
    if isinstance(value, list):
        return [trimmed(inner, made) for inner in value]
    return value.strip()


def test_what_is_derived_is_what_the_program_says(site, out):
    for statement in read(out, "claimtrail.json")["statements"]:
        claim, derived = site.corpus.claims[statement["id"]], statement["derived"]
        it = site.assessment(claim)
        assert derived["status"] == it.status
        assert derived["status_judged"] == (claim.judgement is not None)
        assert derived["page"] == f"https://site.example/articles/{claim.id}/"
        assert set(derived["origins"]["contradicts"]) == it.tally.contradicts
        assert derived["article"] == "bridge-2018"
    second = read(out, "articles/bridge-2018/a02.json")["statement"]
    assert second["derived"]["newest"] == "2020-05-01"
    assert second["quantity"]["derived"] == {"least": 36, "most": 36, "first": "2015-01-01", "last": "2017-12-31"}
    assert second["evidence"][0]["derived"]["origins"] == ["the-county"]
    assert second["evidence"][2]["derived"] == {
        "origins": ["the-gazette"], "rests_on": ["gazette-2018-reopening"], "when": "after"
    }  # fmt: skip
    assert "points above" in second["evidence"][0]["derived"]["distance"]


def test_the_whole_record_says_what_it_is_and_under_which_terms(site, out):
    whole = read(out, "claimtrail.json")
    state = version(site.corpus)
    assert whole["format"] == "1.0"
    assert whole["version"] == str(state) == f"2020.05.01+{state.sha256[:8]}"
    assert whole["licence"]["title"] == "CC BY 4.0"
    assert whole["generated_from"] == {
        "repository": "https://code.example/x/y", "files": len(WORLD), "sha256": state.sha256
    }  # fmt: skip


def test_a_version_follows_the_files_and_nothing_else(tmp_path):
    first = version(corpus(tmp_path / "one"))
    assert version(corpus(tmp_path / "two")) == first
    other = version(corpus(tmp_path / "three", edited((CLAIM, "three years", "four years"))))
    assert other.day == first.day
    assert other.sha256 != first.sha256


def test_a_month_that_has_begun_does_not_date_the_record_ahead(tmp_path):
    world = corpus(tmp_path, edited(("sources/county-2017-report.yml", "on: 2020-01-01", "on: 2020-02")))
    assert str(version(world).day) == "2020-02-01"


# ---- the promise ----------------------------------------------------------------------------------------------------


def kept(old, new, where=""):
    """What an old schema promised and a new one breaks."""
    for name, field in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{where}.{name} is gone"
        else:
            yield from kept(field, new["properties"][name], f"{where}.{name}")
    for key in ("type", "$ref", "format"):
        if key in old and old[key] != new.get(key):
            yield f"{where}: {key} was {old[key]} and is {new.get(key)}"
    for name in old.get("required", ()):
        if name not in new.get("required", ()):
            yield f"{where}.{name} may now be absent"
    words = {word["const"] for word in new.get("oneOf", ())}
    yield from (
        f"{where}: the word {word['const']} is gone" for word in old.get("oneOf", ()) if word["const"] not in words
    )
    if "items" in old:
        yield from kept(old["items"], new.get("items", {}), f"{where}[]")
    for name, part in old.get("$defs", {}).items():
        yield from kept(part, new["$defs"].get(name, {}), name)


def test_what_format_1_promised_is_still_there():
    promised = json.loads((DATA / "export-1.0.schema.json").read_text(encoding="utf-8"))
    assert list(kept(promised, schema())) == []


def test_a_broken_promise_is_seen():
    old, new = schema(), copy.deepcopy(schema())
    del new["$defs"]["Statement"]["properties"]["glance"]
    new["$defs"]["Statement"]["required"].remove("short")
    new["$defs"]["Stance"]["oneOf"].pop()
    new["$defs"]["Quantity"]["properties"]["value"] = {"type": "string"}
    assert sorted(kept(old, new)) == [
        "Quantity.value: type was number and is string",
        "Stance: the word silent is gone",
        "Statement.glance is gone",
        "Statement.short may now be absent",
    ]


def test_every_field_and_column_of_the_dictionary_has_a_meaning():
    assert [(shape.name, field.name) for shape in dictionary() for field in shape.fields if not field.description] == []
    assert [(table.name, column.name) for table in TABLES for column in table.columns if not column.description] == []


def test_what_a_table_derives_is_told_by_name(site):
    model = {"id", "position", "record", "statement", "article", "kind", "own", "proposition", "says"}
    for table in TABLES:
        for column in table.columns:
            derived = re.search(r"worked out|can mean|origins?\b|chain|its page", column.description, re.IGNORECASE)
            if derived and column.name not in model and column.name not in ("part_of", "published", "home"):
                assert column.derived, (table.name, column.name)


# ---- tables ---------------------------------------------------------------------------------------------------------

DTYPES = {"string": "string", "integer": "Int64", "number": "Float64", "boolean": "boolean", "date": "string"}


def frames(folder):
    """Each CSV file as pandas reads it with the types that the package names."""
    package = read(folder, "datapackage.json")
    found = {}
    for resource in package["resources"]:
        types = {field["name"]: DTYPES[field["type"]] for field in resource["schema"]["fields"]}
        frame = pd.read_csv(folder / "data/v1" / resource["path"], dtype=types, keep_default_na=False, na_values=[""])
        for field in resource["schema"]["fields"]:
            if field["type"] == "date":
                frame[field["name"]] = pd.to_datetime(frame[field["name"]], format="%Y-%m-%d")
        found[resource["name"]] = (resource, frame)
    return found


def test_the_package_follows_the_profile_of_data_package_2(any_out):
    profile = json.loads((DATA / "data-package-2-0.json").read_text(encoding="utf-8"))
    package = read(any_out, "datapackage.json")
    jsonschema.Draft7Validator(profile).validate(package)
    broken = copy.deepcopy(package)
    broken["resources"][1]["schema"]["fields"][0]["type"] = "texts"
    del broken["licenses"][0]["name"], broken["licenses"][0]["path"]
    assert len(list(jsonschema.Draft7Validator(profile).iter_errors(broken))) >= 2


def test_the_package_gives_size_hash_and_columns_of_each_file(any_out):
    for resource in read(any_out, "datapackage.json")["resources"]:
        data = (any_out / "data/v1" / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        first = next(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
        assert first == [field["name"] for field in resource["schema"]["fields"]]


def test_pandas_reads_the_tables_with_their_types_and_every_constraint_holds(any_out):
    tables = frames(any_out)
    assert len(tables["statements"][1]) == len(read(any_out, "claimtrail.json")["statements"])
    for name, (resource, frame) in tables.items():
        shape = resource["schema"]
        assert not frame.duplicated(shape["primaryKey"]).any(), name
        for field in shape["fields"]:
            column, constraints = frame[field["name"]], field.get("constraints", {})
            assert not (constraints.get("required") and column.isna().any()), (name, field["name"])
            assert not constraints.get("unique") or column.is_unique, (name, field["name"])
            if "enum" in constraints:
                assert set(column.dropna()) <= set(constraints["enum"]), (name, field["name"])
        for key in shape.get("foreignKeys", ()):
            theirs = tables[key["reference"].get("resource", name)][1][key["reference"]["fields"]]
            mine = frame[key["fields"]].dropna()
            known = set(theirs.itertuples(index=False, name=None))
            assert set(mine.itertuples(index=False, name=None)) <= known, (name, key)


def test_odd_text_comes_through_a_table_whole(out):
    assert frames(out)["articles"][1].title.tolist() == [ODD]
    assert frames(out)["sources"][1].set_index("id").title["echo-2018-copy"] == "الجسر مفتوح"


def test_a_table_tells_own_repeated_and_unsaid_apart(out):
    evidence = frames(out)["evidence"][1].set_index(["statement", "position"]).own
    assert evidence["bridge-2018/a02", 1] == True  # noqa: E712
    assert evidence["bridge-2018/a01", 1] == False  # noqa: E712
    assert evidence.isna()["bridge-2018/a02", 2]


@contextlib.contextmanager
def opened(folder):
    database = sqlite3.connect(f"file:{folder / 'data/v1/claimtrail.sqlite'}?mode=ro", uri=True)
    try:
        yield database
    finally:
        database.close()


def test_the_database_is_sound_and_its_keys_hold(any_out):
    with opened(any_out) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert database.execute("PRAGMA user_version").fetchone() == (100,)
        assert database.execute("PRAGMA freelist_count").fetchone() == (0,)
        keys = database.execute("SELECT count(*) FROM pragma_foreign_key_list('evidence')").fetchone()
        assert keys == (2,)


def test_the_database_holds_the_same_rows_as_the_csv_files(any_out):
    with opened(any_out) as database:
        for name, (_, frame) in frames(any_out).items():
            found = pd.read_sql_query(f'SELECT * FROM "{name}"', database)
            assert list(found.columns) == list(frame.columns)
            assert len(found) == len(frame), name
            for column in found.columns:
                mine = [None if pd.isna(cell) else cell for cell in found[column]]
                theirs = [None if pd.isna(cell) else cell for cell in frame[column]]
                if frame[column].dtype.kind == "M":
                    theirs = [cell and cell.date().isoformat() for cell in theirs]
                assert mine == theirs, (name, column)


def test_full_text_search_finds_statements_findings_and_sources_without_their_accents(out):
    with opened(out) as database:

        def found(table, word, id="id"):
            sql = f"SELECT {id} FROM {table} WHERE rowid IN (SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH ?)"
            return [row[0] for row in database.execute(sql, (word,))]

        assert found("statements", "engineer") == ["bridge-2018/a02"]
        assert found("evidence", "fifteen AND echo", "statement") == ["bridge-2018/a02"]
        assert found("sources", "مفتوح") == ["echo-2018-copy"]


def test_the_search_index_of_the_database_agrees_with_its_tables(any_out, tmp_path):
    path = tmp_path / "copy.sqlite"
    path.write_bytes((any_out / "data/v1/claimtrail.sqlite").read_bytes())
    with contextlib.closing(sqlite3.connect(path)) as database:
        for name in ("statements", "evidence", "sources"):
            database.execute(f"INSERT INTO {name}_fts({name}_fts, rank) VALUES ('integrity-check', 1)")


def test_a_row_that_refers_to_nothing_is_seen(tmp_path):
    database = Database(tmp_path / "x.sqlite", {"a": "b"}, 1)
    (topics,) = [table for table in TABLES if table.name == "statement_topics"]
    database.add(topics, [("nowhere/a01", "nothing")])
    database.finish()
    with contextlib.closing(sqlite3.connect(tmp_path / "x.sqlite")) as written:
        assert len(written.execute("PRAGMA foreign_key_check").fetchall()) == 2


def test_a_python_without_full_text_search_is_told_what_to_do(site, tmp_path, monkeypatch):
    def without(self):
        raise DatabaseError("no full text search: use another Python")

    monkeypatch.setattr(exporting.Database, "finish", without)
    with pytest.raises(BuildError, match="use another Python"):
        write_data(site, tmp_path)


# ---- all of it ------------------------------------------------------------------------------------------------------


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_record_gives_the_same_bytes_anywhere(tmp_path):
    trees = []
    for name, env in (
        ("one", {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
        ("two-other", {"TZ": "America/Adak", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "2"}),
    ):
        put(tmp_path / name / "claims", WORLD)
        command = [sys.executable, "-m", "scripts", "export", "--claims", tmp_path / name / "claims"]
        command += ["--out", tmp_path / name / "out", "--site-url", "https://site.example/"]
        done = subprocess.run(
            command, cwd=PROJECT, env={**os.environ, **env}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert re.search(r"\d+ files, \d+\.\d MB, version 2020\.05\.01\+[0-9a-f]{8}", done.stdout)
        trees.append(tree(tmp_path / name / "out"))
    assert trees[0].keys() == trees[1].keys()
    assert [path for path in trees[0] if trees[0][path] != trees[1][path]] == []


def test_an_unsound_record_is_not_exported(tmp_path, capsys):
    from scripts.__main__ import main

    put(tmp_path / "claims", edited((CLAIM, "kind: figure", "kind: figures")))
    assert main(["export", "--claims", str(tmp_path / "claims"), "--out", str(tmp_path / "out")]) == 1
    assert "Nothing was written." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_edit_changes_only_the_files_of_what_it_bears_on(tmp_path, out):
    world = WORLD | {"articles/bridge-2018/a03.yml": WORLD["articles/bridge-2018/a03.yml"].replace("never counted", "not counted", 1)}  # fmt: skip
    write_data(site_of(corpus(tmp_path, world)), tmp_path / "out")
    before, after = tree(out), tree(tmp_path / "out")
    single = {path for path in after if before[path] != after[path] and "/articles/" in path}
    assert single == {f"data/v1/articles/bridge-2018/a03.{ending}" for ending in ("json", "trig")}


def test_no_piece_of_a_large_record_is_large(tmp_path):
    invent(tmp_path / "claims", 240)
    export = Export(site_of(load(tmp_path / "claims")))
    largest = {}
    for path, pieces in export.files():
        largest[path] = max(len(piece) for piece in pieces)
    assert export.made["data/v1/claimtrail.json"].size > 700_000
    for name in ("claimtrail.json", "statements.ndjson", "sources.ndjson", "claimtrail.sqlite"):
        assert largest[f"data/v1/{name}"] < 1 << 17, name


def test_a_file_that_is_not_taken_whole_stops_the_export(site):
    files = Export(site).files()
    next(files)
    with pytest.raises(ExportError, match="not taken whole"):
        next(files)


def test_the_checksums_are_those_of_the_files(any_out):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],
        cwd=any_out / "data/v1", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
    named = {line.split("  ")[1] for line in (any_out / "data/v1/SHA256SUMS").read_text().splitlines()}
    there = {path.relative_to(any_out / "data/v1").as_posix() for path in (any_out / "data/v1").rglob("*.*")}
    assert {path for path in there if not path.startswith("articles/")} == named


def test_a_page_is_told_what_its_files_came_to(site, out):
    export = Export(site)
    for _, pieces in export.files():
        for _ in pieces:
            pass
    page = (
        '<span data-size="data/v1/claimtrail.json"></span> <span data-files="data/v1/articles/*.json">?</span> '
        '<span data-head="data/v1/csv/articles.csv"></span> <span data-head="data/v1/claimtrail.json"></span>'
    )
    text = filled(page, export.made)
    assert readable((out / "data/v1/claimtrail.json").stat().st_size) in text
    assert 'articles/*.json">3</span>' in text
    assert "&lt;i&gt;" in text
    assert "<i>" not in text
    assert '{"$schema":"https://site.example/data/v1/claimtrail.schema.json","name":"Claimtrail"' in text
    assert [readable(size) for size in (7, 1_499, 23_456, 2_740_224)] == ["7 bytes", "1.5 KB", "23 KB", "2.7 MB"]


# ---- what the site says of itself -----------------------------------------------------------------------------------


def test_security_txt_names_a_contact_and_a_day_within_a_year_of_the_record(out):
    lines = dict(line.split(": ", 1) for line in (out / ".well-known/security.txt").read_text().splitlines())
    assert lines["Contact"] == "https://code.example/x/y/security/advisories/new"
    assert lines["Expires"] == "2021-05-01T00:00:00Z"
    assert lines["Canonical"] == "https://site.example/.well-known/security.txt"


def test_a_site_without_a_repository_has_no_contact(site, tmp_path):
    write_data(site_of(site.corpus, Settings(url="https://site.example/")), tmp_path)
    assert not (tmp_path / ".well-known").exists()


def test_the_plain_index_leads_to_articles_topics_and_data(out):
    text = (out / "llms.txt").read_text(encoding="utf-8")
    assert text.startswith("# Claimtrail\n\n> ")
    assert "- [How long was the bridge shut?](https://site.example/topics/bridge-closure/)" in text
    for link in re.findall(r"\((https://site\.example/data/v1/[^)]+)\)", text):
        assert (out / link.removeprefix("https://site.example/")).is_file()


SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def sitemap(folder, count):
    entries = "".join(
        f"    <url>\n         <loc>https://site.example/{n}/</loc>\n         <lastmod>2020-0{1 + n % 3}-01</lastmod>\n    </url>\n"
        for n in range(count)
    )
    folder.mkdir(exist_ok=True)
    (folder / "sitemap.xml").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SPACE["s"]}">\n{entries}</urlset>'
    )


def test_a_sitemap_past_the_limit_is_cut_and_an_index_names_the_parts(tmp_path):
    sitemap(tmp_path, 7)
    assert split(tmp_path, "https://site.example/", 3) == 3
    index = etree.parse(str(tmp_path / "sitemap.xml")).getroot()
    assert index.tag == f"{{{SPACE['s']}}}sitemapindex"
    parts = index.xpath("//s:loc/text()", namespaces=SPACE)
    assert parts == [f"https://site.example/sitemap-{n}.xml" for n in (1, 2, 3)]
    assert index.xpath("//s:lastmod/text()", namespaces=SPACE) == ["2020-03-01", "2020-03-01", "2020-01-01"]
    listed = []
    for part in parts:
        tree = etree.parse(str(tmp_path / part.rpartition("/")[2]))
        found = tree.xpath("/s:urlset/s:url/s:loc/text()", namespaces=SPACE)
        assert 0 < len(found) <= 3
        listed += found
    assert listed == [f"https://site.example/{n}/" for n in range(7)]


@pytest.mark.parametrize(("count", "address"), [(3, "https://site.example/"), (9, "")])
def test_a_sitemap_within_the_limit_or_without_an_address_stays_as_it_is(tmp_path, count, address):
    sitemap(tmp_path, count)
    before = tree(tmp_path)
    split(tmp_path, address, 3)
    assert tree(tmp_path) == before


# ---- feeds ----------------------------------------------------------------------------------------------------------

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def feeds(folder):
    found = sorted(folder.rglob("feed.xml"))
    assert len(found) > 5
    return found


def test_an_independent_parser_reads_every_feed_without_complaint(any_out):
    for path in feeds(any_out):
        feed = feedparser.parse(path.read_bytes())
        assert not feed.bozo, (path, feed.get("bozo_exception"))
        assert feed.version == "atom10"


def test_every_feed_has_what_rfc_4287_demands(any_out):
    for path in feeds(any_out):
        root = etree.parse(str(path)).getroot()
        assert root.tag == f"{{{ATOM['a']}}}feed"
        one = lambda node, name: node.xpath(f"a:{name}", namespaces=ATOM)  # noqa: E731
        for node in [root, *one(root, "entry")]:
            for name in ("id", "title", "updated"):
                assert len(one(node, name)) == 1, (path, name)
                assert one(node, name)[0].text.strip(), (path, name)
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", one(node, "updated")[0].text)
            assert len([link for link in one(node, "link") if link.get("rel") == "alternate"]) == 1
        assert root.xpath("a:author/a:name/text()", namespaces=ATOM) == [SETTINGS.credit]
        assert one(root, "link")[0].get("rel") == "self"
        assert one(root, "link")[0].get("href") == f"https://site.example/{path.relative_to(any_out).as_posix()}"
        ids = root.xpath("a:entry/a:id/text()", namespaces=ATOM)
        assert len(ids) == len(set(ids)), path
        days = root.xpath("a:entry/a:updated/text()", namespaces=ATOM)
        assert days == sorted(days, reverse=True)
        if days:
            assert one(root, "updated")[0].text == days[0]


def entries(folder, path):
    return [(e.updated[:10], e.title, e.summary, e.id) for e in feedparser.parse((folder / path).read_bytes()).entries]


def test_the_feed_of_changes_has_corrections_and_withdrawals_on_their_own_days(out):
    page = "https://site.example/articles/bridge-2018"
    found = feedparser.parse((out / "changes/feed.xml").read_bytes()).entries
    assert {entry.summary_detail.type for entry in found} == {"text/plain"}
    assert entries(out, "changes/feed.xml") == [
        ("2020-05-01", "Corrected: The bridge stayed shut for three years", "The number was.", f"{page}/a02/#correction-2"),
        ("2020-04-01", "Withdrawn: Traders speak of three dark winters", "It was counted twice.", f"{page}/a01/#withdrawal"),
        ("2020-03-01", "Corrected: The bridge stayed shut for three years", "The <b>date</b> was mended.", f"{page}/a02/#correction-1"),
    ]  # fmt: skip


def test_a_checked_statement_is_an_entry_with_both_verdicts_until_it_is_withdrawn(tmp_path):
    write_data(site_of(corpus(tmp_path)), tmp_path / "out")
    ((day, title, summary, id),) = entries(tmp_path / "out", "articles/bridge-2018/feed.xml")
    assert (day, title) == ("2020-02-01", "Traders speak of three dark winters")
    assert summary.startswith("Attribution: vague source. Record: single source. The Gazette dates")
    assert id == "https://site.example/articles/bridge-2018/a01/"
    assert entries(tmp_path / "out", "changes/feed.xml") == []
    withdrawn = edited((SOFT, "kind: fact", "withdrawn: {on: 2020-04-01, reason: It was counted twice.}\nkind: fact"))
    write_data(site_of(corpus(tmp_path / "two", withdrawn)), tmp_path / "two-out")
    assert [title for _, title, _, _ in entries(tmp_path / "two-out", "feed.xml")] == [
        "Withdrawn: Traders speak of three dark winters"
    ]


def test_the_feed_of_a_source_has_its_reading_and_the_statements_that_it_bears_on(out):
    found = entries(out, "sources/gazette-2018-reopening/feed.xml")
    assert [title for _, title, _, _ in found] == [
        "Corrected: The bridge stayed shut for three years",
        "Withdrawn: Traders speak of three dark winters",
        "Corrected: The bridge stayed shut for three years",
        "Read: The bridge is open",
    ]
    assert found[-1][0] == "2020-01-01"


def test_a_feed_has_the_newest_hundred(real_out):
    assert len(entries(real_out, "feed.xml")) == 100


def test_a_site_without_an_address_names_its_entries_for_ever_all_the_same(tmp_path):
    world = corpus(tmp_path)
    write_data(site_of(world, Settings()), tmp_path / "out")
    write_data(site_of(world, Settings()), tmp_path / "again")
    first = [id for *_, id in entries(tmp_path / "out", "topics/bridge-closure/feed.xml")]
    assert first == [id for *_, id in entries(tmp_path / "again", "topics/bridge-closure/feed.xml")]
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", id) for id in first)
    assert read(tmp_path / "out", "claimtrail.json")["statements"][0]["derived"]["page"] == "articles/bridge-2018/a01/"


def test_the_world_with_its_additions_is_sound(site):
    from scripts.check import check

    assert check(site.corpus) == []
    assert SOUND.keys() == WORLD.keys()
