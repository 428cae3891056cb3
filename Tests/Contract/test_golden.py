"""The golden entries fit the schemas, and what is broken does not."""
import copy
import json

import pytest
from golden import ENTRIES, SCHEMAS, instances
from jsonschema import Draft202012Validator
from support.schemas import load, strict

INSTANCES = list(instances())
NAMES = [name for _, _, name in INSTANCES]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_is_one(schema):
    Draft202012Validator.check_schema(load(schema))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_has_a_golden_entry(schema):
    assert schema in {found for found, _, _ in INSTANCES}


@pytest.mark.parametrize("schema, value, name", INSTANCES, ids=NAMES)
def test_a_golden_entry_fits_its_schema(schema, value, name):
    Draft202012Validator(load(schema)).validate(value)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.kind in ("events", "records")], ids=repr)
def test_a_golden_entry_has_nothing_unknown(entry):
    Draft202012Validator(strict(load(entry.schema))).validate(entry.fields)
    for schema, value in entry.nested:
        Draft202012Validator(strict(load(schema))).validate(value)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.kind == "commands"], ids=repr)
def test_a_golden_command_has_only_fields_that_are_looked_at(entry):
    assert entry.fields.keys() <= load(entry.schema)["properties"].keys()


def broken(schema, value, definitions):
    """(what was done to it, the value) for each member: missing, of a wrong type, an unknown word, not what the pattern says."""
    for name in schema.get("required", []):
        yield f"without {name}", {other: part for other, part in value.items() if other != name}
    for name, rule in schema.get("properties", {}).items():
        if name not in value or not isinstance(rule, dict):
            continue

        def with_value(part):
            return {**value, name: part}

        if rule.get("type") in ("string", "integer", "boolean") or "anyOf" in rule or "enum" in rule or "const" in rule:
            yield f"{name} of a wrong type", with_value([1.5])
        if "enum" in rule or "const" in rule:
            yield f"{name} of an unknown word", with_value("nobody-knows")
        if "pattern" in rule:
            yield f"{name} against its pattern", with_value("not a <name>, nor a number")
        if "maxLength" in rule:
            yield f"{name} too long", with_value("1" * (rule["maxLength"] + 1))
        if "$ref" in rule:
            inner = definitions if rule["$ref"] == "#" else definitions["$defs"]["failure"]
            for what, part in broken(inner, value[name], definitions):
                yield f"{name}: {what}", with_value(part)


@pytest.mark.parametrize("schema, value, name", INSTANCES, ids=NAMES)
def test_a_schema_refuses_what_is_broken(schema, value, name):
    rules = load(schema)
    check = Draft202012Validator(rules)
    cases = list(broken(rules, value, rules))
    taken = [what for what, part in cases if check.is_valid(part)]
    # In an attribute that stands in for another one only while that is missing, anything goes.
    taken = [what for what in taken if not (what.startswith(("id ", "subject ")) and "runid" in value)]
    assert taken == []
    assert not check.is_valid([]) and not check.is_valid("text")


BY_BRIDGES = [(schema, value, name) for schema, value, name in INSTANCES if not schema.startswith(("commands/", "dead-letter"))]


@pytest.mark.parametrize("schema, value, name", BY_BRIDGES, ids=[name for _, _, name in BY_BRIDGES])
def test_a_member_that_was_renamed_in_one_place_only_is_found(schema, value, name):
    """What the end-to-end tests check with, also where the member may be missing."""
    check = Draft202012Validator(strict(load(schema)))
    for old in value:
        assert not check.is_valid({other if other != old else old + "_": part for other, part in value.items()}), old


def test_every_schema_of_an_object_refuses_something():
    refusing = {schema for schema, value, _ in INSTANCES if list(broken(load(schema), value, load(schema)))}
    assert set(SCHEMAS) - refusing == {"events/cano.schedule.removed.data.schema.json"}, "which has no members"


COMMANDS = {entry.name.removeprefix("commands/"): entry.fields for entry in ENTRIES if entry.kind == "commands"}


@pytest.mark.parametrize("name, change", [
    ("start.delayed", {"not_before": "1795480581718"}),
    ("start.shortest", {"timeout_ms": "0"}),
    ("start.shortest", {"specversion": "1.0"}),
    ("start.runid.cloudevent", {"notbefore": "1795480581718"}),
    ("start.runid.cloudevent", {"runid": "no run id"}),
    ("cancel.cloudevent", {"subject": None}),
    ("signal.cloudevent", {"subject": None}),
    ("signal.cloudevent", {"name": None}),
    ("signal.shortest", {"id": "order//x"}),
    ("signal.shortest", {"keep_ms": "0"}),
    ("schedule.cron", {"cron": None}),
    ("schedule.cron", {"every_ms": "60000"}),
    ("schedule.interval", {"every_ms": "99"}),
    ("schedule.interval", {"overlap": "once"}),
    ("unschedule.cloudevent", {"subject": None}),
    ("unschedule.cloudevent", {"subject": "no name"}),
    ("cancel.shortest", {f"field{number}": "x" for number in range(63)}),
    ("complete.shortest", {"task": None}),
    ("complete.shortest", {"task": "order-42"}),
    ("complete.shortest", {"task": "order-42//3/0/k7Q2x9"}),
    ("complete.shortest", {"specversion": "1.0"}),
    ("complete.shortest", {"type": "completed"}),
    ("fail.everything", {"retry": "yes"}),
    ("fail.everything", {"code": "no name"}),
    ("fail.later", {"retry_after_ms": "soon"}),
    ("defer.shortest", {"up_to_ms": None}),
    ("defer.shortest", {"up_to_ms": "0"}),
])
def test_fields_that_do_not_go_together_are_refused(name, change):
    fields = {field: value for field, value in {**COMMANDS[name], **change}.items() if value is not None}
    kind = "commands/" + name.split(".")[0] + (".cloudevent" if "cloudevent" in name else "")
    check = Draft202012Validator(load(kind + ".schema.json"))
    assert check.is_valid(COMMANDS[name]) and not check.is_valid(fields)


TASK = next(entry.fields for entry in ENTRIES if entry.name == "tasks/everything")


@pytest.mark.parametrize("change", [{"attempt": "second"}, {"lease_ms": "0"}, {"until": "soon"}, {"traceparent": "00"}, {"idempotency_key": ""}])
def test_a_task_that_breaks_a_rule_is_refused(change):
    check = Draft202012Validator(load("task.schema.json"))
    assert check.is_valid(TASK) and not check.is_valid({**TASK, **change})


@pytest.mark.parametrize("name", ["attempts", "until", "traceparent"])
def test_a_field_of_a_task_may_be_empty_and_not_missing(name):
    check = Draft202012Validator(load("task.schema.json"))
    assert check.is_valid({**TASK, name: ""}) and not check.is_valid({other: value for other, value in TASK.items() if other != name})


def test_what_later_versions_add_is_allowed():
    value = next(value for schema, value, _ in INSTANCES if schema == "events/cano.run.failed.data.schema.json")
    later = copy.deepcopy(value)
    later["added"], later["error"]["added"] = 1, "x"
    rules = load("events/cano.run.failed.data.schema.json")
    assert Draft202012Validator(rules).is_valid(later)
    assert not Draft202012Validator(strict(rules)).is_valid(later), "while our own tests find what no table knows"


def test_golden_entries_are_json_all_through():
    for entry in (entry for entry in ENTRIES if entry.kind != "deadletters"):  # which may be there because it is none
        for name in {"input", "data", "output"} & entry.fields.keys():
            json.loads(entry.fields[name])
