import CanoBus
import Testing

@Suite("A signal on the bus", .timeLimit(.minutes(5)))
struct SignalCommandTests {
    private func parse(_ fields: [(String, String)], limits: BusLimits = BusLimits()) throws(Rejection) -> Command {
        try CommandParser(limits: limits).parse(
            "1700000000000-3", fields.map { (Array($0.utf8), Array($1.utf8)) }, from: .control)
    }

    @Test("needs a run and a name, and has null for data")
    func least() throws {
        let signal = SignalCommand("approved", run: "order-42")
        #expect(try parse([("type", "signal"), ("id", "order-42"), ("name", "approved")]) == .signal(signal))
        #expect(signal.data == "null" && signal.stream == .control)
        #expect(signal.fields.map(\.name) == ["type", "id", "name"])
    }

    @Test("says everything, in plain fields or as a CloudEvent about the run")
    func whole() throws {
        let expected = Command.signal(
            SignalCommand("approved", run: "order-42", data: "{\"by\":\"ann\"}", messageID: "mail-7", keep: 60_000, replyName: "me"))
        #expect(
            try parse([
                ("type", "signal"), ("id", "order-42"), ("name", "approved"), ("data", "{\"by\":\"ann\"}"), ("message_id", "mail-7"),
                ("keep_ms", "60000"), ("reply_to", "me"),
            ]) == expected)
        for run in [("subject", "order-42"), ("runid", "order-42")] {
            #expect(
                try parse([
                    ("specversion", "1.0"), ("type", "cano.run.signal"), ("id", "e-1"), ("source", "/mail"), run, ("name", "approved"),
                    ("data", "{\"by\":\"ann\"}"), ("messageid", "mail-7"), ("keepms", "60000"), ("replyto", "me"),
                ]) == expected)
        }
    }

    @Test(
        "is rejected with its reason",
        arguments: [
            ([("name", "n")], "missing_field", "id"),
            ([("id", "r")], "missing_field", "name"),
            ([("id", "r"), ("name", "no name")], "invalid_field", "name"),
            ([("id", "r//s"), ("name", "n")], "invalid_field", "//"),
            ([("id", "r"), ("name", "n"), ("data", "{\"a\":}")], "invalid_field", "5 bytes"),
            ([("id", "r"), ("name", "n"), ("data", String(repeating: "1", count: 65_537))], "too_large", "65536"),
            ([("id", "r"), ("name", "n"), ("message_id", "a b")], "invalid_field", "message_id"),
            ([("id", "r"), ("name", "n"), ("keep_ms", "0")], "invalid_field", "at least a millisecond"),
            ([("id", "r"), ("name", "n"), ("keep_ms", "86400001")], "invalid_field", "86400000"),
            ([("id", "r"), ("name", "n"), ("reply_to", "a:b")], "invalid_field", "reply_to"),
        ] as [([(String, String)], String, String)])
    func rejected(fields: [(String, String)], code: String, hint: String) {
        let rejection = #expect(throws: Rejection.self) { try parse([("type", "signal")] + fields) }
        #expect(rejection?.code.rawValue == code)
        #expect(rejection?.message.contains(hint) == true, "\(rejection?.message ?? "")")
        #expect(rejection?.yieldsToKnownRun == false)
    }

    @Test("with base64 for data is rejected with the way out")
    func binary() {
        let rejection = #expect(throws: Rejection.self) {
            try parse([
                ("specversion", "1.0"), ("type", "cano.run.signal"), ("subject", "r"), ("name", "n"), ("data_base64", "e30="),
            ])
        }
        #expect(rejection?.code == .invalidField && rejection?.message.contains("as data") == true)
    }

    @Test("is kept for a run to come for an hour unless it says how long, and never longer than records are")
    func keep() throws {
        var brief = BusLimits()
        brief.retention = .seconds(60)
        let signal = SignalCommand("n", run: "r")
        #expect(signal.keep(BusLimits()) == 3_600_000 && signal.keep(brief) == 60_000)
        #expect(SignalCommand("n", run: "r", keep: 5).keep(brief) == 5)
        let fields = [("type", "signal"), ("id", "r"), ("name", "n"), ("keep_ms", "60001")]
        #expect(throws: Rejection.self) { try parse(fields, limits: brief) }
        #expect(throws: Never.self) { try parse(fields) }
    }

    @Test("to a run that is over, or has too many, is refused with what to do and to whom that is said")
    func refused() {
        let trace = TraceContext(parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        let signal = SignalCommand("n", run: "r", replyName: "me", trace: trace)
        #expect(signal.runOver.code == .runOver && signal.inboxFull.code == .inboxFull)
        #expect(signal.inboxFull.message.contains("1000") && SignalCommand.unknownRun("r").contains("\"r\""))
        for rejection in [signal.runOver, signal.inboxFull] {
            #expect(rejection.addressee == Rejection.Addressee(run: "r", replyName: "me", traceparent: trace.parent))
            #expect(!rejection.yieldsToKnownRun)
        }
    }
}
