"""asyncapi.yaml is an AsyncAPI 3.0 document, and what it points to is there."""
import json
from pathlib import Path

import yaml
from golden import ENTRIES
from jsonschema import Draft7Validator
from support.schemas import FOLDER

DOCUMENT = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text())


def official():
    schema = json.loads((Path(__file__).parent / "asyncapi" / "3.0.0.json").read_text())
    # jsonschema 4.10 takes a property called $id for the id of the schema that has it.
    del schema["definitions"]["json-schema-draft-07-schema"]["properties"]["$id"]
    return Draft7Validator(schema)


def at(pointer):
    """What a pointer into the document stands for."""
    place = DOCUMENT
    for part in pointer.removeprefix("#/").split("/"):
        place = place[part]
    return place


def references(tree):
    if isinstance(tree, dict):
        if "$ref" in tree:
            yield tree["$ref"]
        for part in tree.values():
            yield from references(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from references(part)


def test_the_document_fits_the_official_schema():
    assert [f"{list(error.absolute_path)}: {error.message}" for error in official().iter_errors(DOCUMENT)] == []


def test_the_official_schema_refuses_a_broken_document():
    assert not official().is_valid({**DOCUMENT, "asyncapi": "2.6.0"})
    assert not official().is_valid({**DOCUMENT, "channels": {"commands": {"adress": "x"}}})
    assert not official().is_valid({**DOCUMENT, "operations": {"take": {"action": "take", "channel": {"$ref": "#/channels/events"}}}})


def test_every_reference_leads_somewhere():
    for reference in references(DOCUMENT):
        if reference.startswith("#/"):
            assert at(reference) is not None, reference
        else:
            assert (FOLDER / reference).exists(), reference


def test_each_message_of_an_operation_is_one_of_its_channel():
    for operation in DOCUMENT["operations"].values():
        for part in filter(None, (operation, operation.get("reply"))):
            assert all(message["$ref"].startswith(part["channel"]["$ref"] + "/messages/") for message in part["messages"])


def test_every_golden_entry_is_a_message_on_some_channel():
    on_channels = {at(reference)["payload"]["$ref"].removeprefix("./")
                   for channel in DOCUMENT["channels"].values() for reference in references(channel["messages"])}
    assert {entry.schema for entry in ENTRIES if entry.kind not in ("records", "graphs")} == on_channels


def test_every_command_but_a_start_is_on_the_control_channel():
    control = DOCUMENT["channels"]["control"]["messages"].keys()
    assert not {"start", "cano.run.start"} & control
    assert {"cancel", "cano.run.cancel", "resume", "cano.run.resume", "signal", "cano.run.signal", "schedule", "unschedule",
            "pause_schedule", "cano.run.resume_schedule", "run_schedule"} <= control


def test_answers_are_on_the_results_channel_and_nothing_else_is():
    channels = {name: set(channel["messages"]) for name, channel in DOCUMENT["channels"].items()}
    answers = {"complete", "fail", "release", "defer"}
    assert channels["results"] == answers and channels["tasks"] == {"task"}
    assert [name for name, messages in channels.items() if messages & answers] == ["results"]
