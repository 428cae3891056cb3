"""What an application adds to its bridge: services, observers, event levels of single workflows."""
import os

from support.bridge import QUICK_LEASE


def test_an_application_has_services_and_observers_and_levels_of_its_own(launch_trial, bus, tmp_path):
    logbook = tmp_path / "logbook"
    logbook.touch()
    bridge = launch_trial(bus, options=QUICK_LEASE, env=dict(os.environ, TRIAL_LOGBOOK=str(logbook)))
    bus.start("trial", {}, id="quiet")
    bus.start("trial-march", {}, id="loud")
    bus.wait_for_end("quiet", "loud")
    bridge.terminate()
    assert bridge.exit_code(within=10) == 0

    lines = logbook.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("up", "down"), "the service begins before the bridge and ends after it"
    assert [line for line in lines if line.startswith("quiet")] == [f"quiet {state}" for state in ("first", "second", "third", "done")]
    assert [event.type for event in bus.story("quiet")] == ["cano.run.started", "cano.run.completed"]
    assert "cano.state.entered" in [event.type for event in bus.story("loud")]
