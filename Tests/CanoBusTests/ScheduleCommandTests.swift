import CanoBus
import Testing

@Suite("A command about a schedule", .timeLimit(.minutes(5)))
struct ScheduleCommandTests {
    private static let entry = "1700000000000-3"

    private func parse(_ fields: [(String, String)], from stream: InboundStream = .control) throws(Rejection) -> Command {
        try CommandParser(limits: .inputs(of: 64)).parse(Self.entry, fields.map { (Array($0.utf8), Array($1.utf8)) }, from: stream)
    }

    @Test("says when, and the rest is what it is without", arguments: [InboundStream.control, .commands])
    func plain(stream: InboundStream) throws {
        let named = [("type", "schedule"), ("name", "s"), ("workflow", "w")]
        #expect(
            try parse(named + [("every_ms", "500")], from: stream)
                == .schedule(ScheduleCommand("s", of: "w", due: .every(500))))
        #expect(
            try parse(named + [("at", "500")], from: stream)
                == .schedule(ScheduleCommand("s", of: "w", due: .at(500))))
        #expect(
            try parse([("type", "unschedule"), ("name", "s")], from: stream)
                == .unschedule(UnscheduleCommand("s")))
    }

    @Test("says everything, in plain fields or as a CloudEvent")
    func whole() throws {
        let expected = Command.schedule(
            ScheduleCommand(
                "s", of: "w", due: .cron("30 2 * * *"), version: "2", input: "[1]", replyName: "me", timeZone: "Europe/Berlin", jitter: 7,
                catchUp: .all, overlap: .allow))
        #expect(
            try parse([
                ("type", "schedule"), ("name", "s"), ("workflow", "w"), ("version", "2"), ("input", "[1]"), ("reply_to", "me"),
                ("cron", "30 2 * * *"), ("time_zone", "Europe/Berlin"), ("jitter_ms", "7"), ("catch_up", "all"), ("overlap", "allow"),
            ]) == expected)
        #expect(
            try parse([
                ("specversion", "1.0"), ("type", "cano.run.schedule"), ("id", "e-1"), ("subject", "w"), ("name", "s"), ("version", "2"),
                ("data", "[1]"), ("replyto", "me"), ("cron", "30 2 * * *"), ("timezone", "Europe/Berlin"), ("jitterms", "7"),
                ("catchup", "all"), ("overlap", "allow"),
            ]) == expected)
    }

    @Test("that is broken is about no run, though it may have a field id")
    func addressee() {
        let rejection = #expect(throws: Rejection.self) {
            try parse([("type", "schedule"), ("id", "x"), ("name", "s"), ("workflow", "w"), ("reply_to", "me")])
        }
        #expect(rejection?.code == .missingField)
        #expect(rejection?.addressee == Rejection.Addressee(run: nil, workflow: "w", replyName: "me"))
    }

    @Test(
        "is rejected with its reason",
        arguments: [
            ([("every_ms", "500")], "missing_field"),
            ([("name", "s"), ("cron", "* * * * *"), ("at", "5")], "invalid_field"),
            ([("name", "s"), ("every_ms", "99")], "invalid_field"),
            ([("name", "s"), ("at", "5"), ("catch_up", "some")], "invalid_field"),
            ([("name", "s"), ("at", "5"), ("overlap", "some")], "invalid_field"),
            ([("name", "s"), ("at", "5"), ("jitter_ms", "-1")], "invalid_field"),
        ] as [([(String, String)], String)])
    func rejected(fields: [(String, String)], code: String) {
        let rejection = #expect(throws: Rejection.self) { try parse([("type", "schedule"), ("workflow", "w")] + fields) }
        #expect(rejection?.code.rawValue == code)
    }
}
