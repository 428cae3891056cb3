import CanoBus
import Testing

@Suite("A command on the bus", .timeLimit(.minutes(5)))
struct CommandParserTests {
    private static let entry = "1700000000000-3"

    private func parseAny(_ fields: [(String, String)], from stream: InboundStream = .commands) throws(Rejection) -> Command {
        try CommandParser(limits: .inputs(of: 64)).parse(
            Self.entry, fields.map { (Array($0.utf8), Array($1.utf8)) }, from: stream)
    }

    private func parse(_ fields: [(String, String)]) throws -> StartCommand {
        guard case .start(let command) = try parseAny(fields) else { throw NotAStart() }
        return command
    }

    private struct NotAStart: Error {}

    @Test("cancels a run, with a reason or without")
    func cancel() throws {
        let trace = TraceContext()
        #expect(
            try parseAny([("type", "cancel"), ("id", "a"), ("reason", "no stock"), ("reply_to", "me")], from: .control)
                == .cancel(CancelCommand(run: "a", reason: "no stock", replyName: "me", trace: trace)))
        #expect(
            try parseAny([("specversion", "1.0"), ("type", "cano.run.cancel"), ("id", "e-1"), ("subject", "a")])
                == .cancel(CancelCommand(run: "a", reason: "requested", replyName: nil, trace: trace)))
    }

    @Test("resumes a run")
    func resume() throws {
        #expect(
            try parseAny([("type", "resume"), ("id", "a")])
                == .resume(ResumeCommand(run: "a", replyName: nil, trace: TraceContext())))
        #expect(
            try parseAny([("type", "resume"), ("id", "a")], from: .control) == parseAny([("type", "resume"), ("id", "a")], from: .commands))
    }

    @Test("starts a run later, at a moment or after a time")
    func later() throws {
        let plain = [("type", "start"), ("workflow", "w")]
        #expect(try parse(plain).notBefore(published: 7) == nil)
        #expect(try parse(plain + [("not_before", "12")]).notBefore(published: 7) == 12)
        #expect(try parse(plain + [("delay_ms", "5")]).notBefore(published: 7) == 12)
        #expect(try parse(plain + [("timeout_ms", "5")]).timeout == 5)
    }

    @Test("needs no more than a type and a workflow: its entry is the run's id, its input null")
    func smallest() throws {
        let command = try parse([("type", "start"), ("workflow", "orders")])
        #expect(command.run == "1700000000000-3")
        #expect(command.input == "null")
        #expect(command.version == nil && command.replyName == nil && command.expiresAt == nil)
    }

    @Test("means the same as a CloudEvent")
    func cloudEvent() throws {
        let plain = try parse([
            ("type", "start"), ("workflow", "orders"), ("id", "o-1"), ("input", "{}"), ("reply_to", "me"), ("expires_at", "5"),
        ])
        let event = try parse([
            ("specversion", "1.0"), ("type", "cano.run.start"), ("subject", "orders"), ("id", "e-9"), ("runid", "o-1"),
            ("data", "{}"), ("replyto", "me"), ("expiresat", "5"), ("source", "/shop"),
        ])
        #expect(event == plain)
    }

    @Test("takes a CloudEvent's own id for the run when no runid is given")
    func cloudEventID() throws {
        let event = try parse([("specversion", "1.0"), ("type", "cano.run.start"), ("subject", "orders"), ("id", "e-9")])
        #expect(event.run == "e-9")
    }

    @Test(
        "is called by source and id together, so that the same id of two sources is two runs",
        arguments: [
            ("/shop", "e-9", "/shop::e-9"), ("https://shop.example/orders", "17", "https:3A/:2Fshop.example/orders::17"),
            ("shop", "a b#c", "shop::a:20b:23c"), ("a::b", "c", "a:3A:3Ab::c"), ("a", "b::c", "a::b:3A:3Ac"), ("/", "ü", "/:::C3:BC"),
        ])
    func cloudEventOfASource(source: String, id: String, run: String) throws {
        let event = [("specversion", "1.0"), ("type", "cano.run.start"), ("subject", "orders"), ("source", source), ("id", id)]
        #expect(try parse(event).run == run)
        #expect(try parse(event + [("runid", "mine")]).run == "mine")
    }

    @Test("is told to name its run where source and id are too long together")
    func longCloudEvent() {
        let rejection = #expect(throws: Rejection.self) {
            try parse([
                ("specversion", "1.0"), ("type", "cano.run.start"), ("subject", "orders"), ("source", "/s"),
                ("id", String(repeating: "x", count: 197)),
            ])
        }
        #expect(rejection?.code == .invalidField)
        #expect(rejection?.message.contains("send runid") == true)
    }

    @Test("is told how to send what it has as base64, or as one JSON text")
    func otherForms() {
        let event = [("specversion", "1.0"), ("type", "cano.run.start"), ("subject", "orders"), ("id", "1")]
        let binary = #expect(throws: Rejection.self) { try parse(event + [("data_base64", "e30=")]) }
        #expect(binary?.message.contains("send the JSON text itself as data") == true)
        let structured = #expect(throws: Rejection.self) { try parse([("data", #"{"specversion":"1.0","type":"cano.run.start"}"#)]) }
        #expect(structured?.code == .missingField)
        #expect(structured?.message.contains("one for each of its attributes") == true)
    }

    @Test(
        "has no moment beyond the year 9999, which milliseconds are not", arguments: ["not_before", "expires_at", "delay_ms", "timeout_ms"])
    func lateMoment(field: String) throws {
        let plain = [("type", "start"), ("workflow", "orders")]
        #expect(throws: Never.self) { try parse(plain + [(field, "253402300799999")]) }
        let rejection = #expect(throws: Rejection.self) { try parse(plain + [(field, "1795480517506000")]) }
        #expect(rejection?.message.contains("not micro- or nanoseconds") == true)
    }

    @Test("treats an empty value as absent")
    func emptyValues() throws {
        let command = try parse([("type", "start"), ("workflow", "orders"), ("id", ""), ("reply_to", "")])
        #expect(command.run == Self.entry)
        #expect(command.replyName == nil)
    }

    @Test(
        "is rejected with its reason",
        arguments: [
            ([("workflow", "w")], "missing_field"),
            ([("type", "start")], "missing_field"),
            ([("type", "stop")], "unknown_type"),
            ([("type", "cancel")], "missing_field"),
            ([("type", "cancel"), ("id", "a b")], "invalid_field"),
            ([("type", "cancel"), ("id", "a"), ("reason", String(repeating: "x", count: 1_025))], "invalid_field"),
            ([("type", "resume")], "missing_field"),
            ([("type", "start"), ("workflow", "no spaces")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("id", "a b")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("id", String(repeating: "x", count: 201))], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("id", "a//b")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("reply_to", "a:b")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("version", "1/2")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("delay_ms", "5"), ("not_before", "7")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("delay_ms", "soon")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("timeout_ms", "0")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("expires_at", "soon")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("expires_at", "-1")], "invalid_field"),
            ([("type", "start"), ("workflow", "w"), ("input", String(repeating: "1", count: 65))], "too_large"),
            ((0...64).map { ("field\($0)", "x") }, "too_large"),
            ([("specversion", "0.3"), ("type", "cano.run.start"), ("subject", "w")], "invalid_field"),
        ] as [([(String, String)], String)])
    func rejected(fields: [(String, String)], code: String) {
        let rejection = #expect(throws: Rejection.self) { try parseAny(fields) }
        #expect(rejection?.code.rawValue == code)
        #expect(rejection?.yieldsToKnownRun == false)
    }

    @Test("is rejected on the control stream when it is a start")
    func startOnControl() {
        let rejection = #expect(throws: Rejection.self) { try parseAny([("type", "start"), ("workflow", "w")], from: .control) }
        #expect(rejection?.code == .invalidField)
    }

    @Test("that is broken still says where its answer goes, by what of it is valid")
    func addressee() {
        let rejection = #expect(throws: Rejection.self) {
            try parse([("type", "start"), ("workflow", "w"), ("id", "a b"), ("reply_to", "me")])
        }
        #expect(rejection?.addressee == Rejection.Addressee(run: nil, workflow: "w", replyName: "me"))
    }

    @Test("keeps a well formed trace parent and ignores any other")
    func traces() throws {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        func trace(_ value: String) throws -> TraceContext {
            try parse([("type", "start"), ("workflow", "w"), ("traceparent", value), ("tracestate", "a=1")]).trace
        }
        #expect(try trace(parent) == TraceContext(parent: parent, state: "a=1"))
        for broken in ["", "00", parent.uppercased(), parent + "-x", "ff" + parent.dropFirst(2), parent.replacing("b7ad", with: "b7a")] {
            #expect(try trace(broken).parent.isEmpty)
        }
    }
}
