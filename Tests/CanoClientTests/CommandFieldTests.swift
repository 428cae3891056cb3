import CanoBus
import Testing
import Tracing

@testable import CanoClient

@Suite("The fields of a command", .timeLimit(.minutes(5)))
struct CommandFieldTests {
    private func fields(_ command: some BusCommand) -> [String: String] {
        Dictionary(uniqueKeysWithValues: command.fields.map { ($0.name, $0.value) })
    }

    @Test("are those of a start, with what was given and nothing else")
    func start() throws {
        let bare = StartCommand("numbers", run: "a", version: nil, input: "null", options: StartOptions(), replyName: nil)
        #expect(fields(bare) == ["type": "start", "workflow": "numbers", "id": "a"])
        let options = StartOptions(
            beginning: .after(.milliseconds(1_500)), expiresAt: 7, timeout: .seconds(60), attributes: try RunAttributes(["customer": "c-9"])
        )
        let full = StartCommand("numbers", run: "a", version: "2", input: "{}", options: options, replyName: "desk")
        #expect(
            fields(full) == [
                "type": "start", "workflow": "numbers", "id": "a", "input": "{}", "version": "2", "delay_ms": "1500", "timeout_ms": "60000",
                "expires_at": "7", "reply_to": "desk", "attributes": #"{"customer":"c-9"}"#,
            ])
        let later = StartCommand("numbers", run: "a", version: nil, input: "null", options: StartOptions(beginning: .at(9)), replyName: nil)
        #expect(fields(later)["not_before"] == "9")
        #expect(fields(full.answering(to: "me")) == fields(full).merging(["reply_to": "me"]) { $1 })
    }

    /// Hands on the one span there is, as W3C's headers have it.
    private struct HeaderInstrument: Instrument {
        static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

        func inject<Carrier, Inject: Injector>(_ context: ServiceContext, into carrier: inout Carrier, using injector: Inject)
        where Inject.Carrier == Carrier {
            injector.inject(Self.parent, forKey: "traceparent", into: &carrier)
            injector.inject("vendor=1", forKey: "tracestate", into: &carrier)
        }

        func extract<Carrier, Extract: Extractor>(_ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract)
        where Extract.Carrier == Carrier {}
    }

    @Test("name the span they are published in")
    func trace() {
        #expect(TraceContext.current(by: HeaderInstrument()) == TraceContext())
        ServiceContext.withValue(.topLevel) {
            let trace = TraceContext.current(by: HeaderInstrument())
            #expect([trace.parent, trace.state] == [HeaderInstrument.parent, "vendor=1"])
        }
    }

    @Test("are those of a schedule, with what was given and nothing else")
    func schedule() throws {
        func schedule(_ timing: ScheduleTiming, _ options: ScheduleOptions = ScheduleOptions()) -> [String: String] {
            fields(ScheduleCommand("tick", of: "numbers", timing, version: nil, input: "null", options: options))
        }
        let common = ["type": "schedule", "name": "tick", "workflow": "numbers"]
        #expect(schedule(.every(.milliseconds(2_500))) == common.merging(["every_ms": "2500"]) { $1 })
        #expect(schedule(.at(1_700_000_000_000)) == common.merging(["at": "1700000000000"]) { $1 })
        #expect(schedule(.cron("0 3 * * *")) == common.merging(["cron": "0 3 * * *"]) { $1 })
        let options = ScheduleOptions(
            jitter: .seconds(30), catchUp: .once, overlap: .allow, replyName: "desk", attributes: try RunAttributes(["kind": "daily"]))
        #expect(
            schedule(.cron("0 3 * * *", timeZone: "Europe/Berlin"), options)
                == common.merging([
                    "cron": "0 3 * * *", "time_zone": "Europe/Berlin", "jitter_ms": "30000", "catch_up": "once", "overlap": "allow",
                    "reply_to": "desk", "attributes": #"{"kind":"daily"}"#,
                ]) { $1 })
    }
}
