import CanoBus
import Testing

@Suite("A worker's answer", .timeLimit(.minutes(5)))
struct AnswerTests {
    private static let task = TaskToken(run: "order-42", leg: "//3", attempt: 2, nonce: "k7Q2x9")
    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private func parse(_ fields: [(String, String)], from stream: InboundStream = .results) throws(Rejection) -> Command {
        try CommandParser(limits: BusLimits()).parse("1700000000000-3", fields.map { (Array($0.utf8), Array($1.utf8)) }, from: stream)
    }

    @Test("needs a type and the task, and no more but for how long a deferred one may take")
    func least() throws {
        let task = ("task", Self.task.description)
        #expect(try parse([("type", "complete"), task]) == .complete(CompleteAnswer(Self.task, output: "null")))
        #expect(try parse([("type", "fail"), task]) == .fail(FailAnswer(Self.task, code: "worker_failed")))
        #expect(try parse([("type", "release"), task]) == .release(ReleaseAnswer(Self.task)))
        #expect(try parse([("type", "defer"), task, ("up_to_ms", "1")]) == .defer(DeferAnswer(Self.task, upTo: 1)))
    }

    @Test("says what came of it, and what follows")
    func whole() throws {
        let task = ("task", Self.task.description)
        #expect(
            try parse([("type", "complete"), task, ("output", "{\"a\":[1]}"), ("next", "ship it")])
                == .complete(CompleteAnswer(Self.task, output: "{\"a\":[1]}", next: "ship it")))
        #expect(
            try parse([
                ("type", "fail"), task, ("code", "card.declined"), ("message", "no funds"), ("retry", "no"), ("retry_after_ms", "0"),
            ]) == .fail(FailAnswer(Self.task, code: "card.declined", message: "no funds", isRetryable: false, retryAfter: 0)))
    }

    @Test("may have all that its task's entry has besides, and other fields, which are ignored")
    func besides() throws {
        let entry = TaskEntry(
            Self.task, workflow: "w", version: "1", state: "s", name: "n", lease: 5, idempotencyKey: "k", input: "1",
            traceparent: Self.trace)
        let fields = entry.fields.map { ($0.name, $0.value) }
        #expect(try parse([("type", "complete")] + fields) == .complete(CompleteAnswer(Self.task)))
        #expect(try parse([("type", "release"), ("reply_to", "no name"), ("id", "a//b")] + fields) == .release(ReleaseAnswer(Self.task)))
    }

    @Test("with an empty value says nothing in that field")
    func empty() throws {
        let fields = [("task", Self.task.description), ("output", ""), ("next", ""), ("code", ""), ("message", ""), ("retry", "")]
        #expect(try parse([("type", "complete")] + fields) == .complete(CompleteAnswer(Self.task)))
        #expect(try parse([("type", "fail")] + fields) == .fail(FailAnswer(Self.task)))
    }

    @Test(
        "is rejected with its reason, which is told about the run of its task",
        arguments: [
            ("complete", [("output", "{'a': 1}")], "invalid_field", "output is not JSON"),
            ("complete", [("output", "NaN")], "invalid_field", "0 bytes from its beginning"),
            ("complete", [("output", String(repeating: "1", count: 262_145))], "too_large", "262144"),
            ("complete", [("next", String(repeating: "x", count: 1_001))], "invalid_field", "next is 1001 bytes long"),
            ("fail", [("code", "no name")], "invalid_field", "code is not a name"),
            ("fail", [("message", String(repeating: "x", count: 1_025))], "invalid_field", "message is 1025 bytes long"),
            ("fail", [("retry", "yes")], "invalid_field", "say no, or leave it out"),
            ("fail", [("retry_after_ms", "soon")], "invalid_field", "retry_after_ms is not a whole number"),
            ("fail", [("retry_after_ms", "-1")], "invalid_field", "retry_after_ms is not a whole number"),
            ("fail", [("retry_after_ms", "1795480541730000")], "invalid_field", "beyond the year 9999"),
            ("defer", [], "missing_field", "up_to_ms"),
            ("defer", [("up_to_ms", "0")], "invalid_field", "at least a millisecond"),
            ("defer", [("up_to_ms", "1.5")], "invalid_field", "up_to_ms is not a whole number"),
            ("completed", [], "unknown_type", "complete, fail, release and defer"),
            ("start", [("workflow", "w")], "invalid_field", "complete, fail, release and defer"),
            ("", [], "missing_field", "complete, fail, release or defer"),
            ("release", (0..<63).map { ("field\($0)", "x") }, "too_large", "64"),
            ("complete", [("specversion", "1.0")], "invalid_field", "no CloudEvent"),
            ("cano.run.complete", [("specversion", "1.0")], "invalid_field", "no CloudEvent"),
        ] as [(String, [(String, String)], String, String)])
    func rejected(type: String, fields: [(String, String)], code: String, hint: String) {
        let rejection = #expect(throws: Rejection.self) { try parse([("type", type), ("task", Self.task.description)] + fields) }
        #expect(rejection?.code.rawValue == code)
        #expect(rejection?.message.contains(hint) == true, "\(rejection?.message ?? "")")
        #expect(rejection?.yieldsToKnownRun == false && rejection?.isStart == false)
        #expect(rejection?.addressee.run == (type == "start" ? nil : "order-42"))
    }

    @Test("names a task, as its entry does", arguments: ["complete", "fail", "release", "defer"])
    func tasks(type: String) {
        let missing = #expect(throws: Rejection.self) { try parse([("type", type), ("up_to_ms", "5"), ("id", "r")]) }
        #expect(missing?.code == .missingField && missing?.message.contains("field task") == true)
        #expect(missing?.addressee == Rejection.Addressee())
        for text in ["order-42", "a b//3/2/n", String(repeating: "x", count: 201) + "//3/2/n"] {
            let broken = #expect(throws: Rejection.self) { try parse([("type", type), ("up_to_ms", "5"), ("task", text)]) }
            #expect(broken?.code == .invalidField && broken?.message.hasPrefix("task is \"") == true)
            #expect(broken?.addressee == Rejection.Addressee())
        }
    }

    @Test("belongs on the results stream alone", arguments: ["complete", "fail", "release", "defer"], [InboundStream.commands, .control])
    func streams(type: String, stream: InboundStream) {
        let rejection = #expect(throws: Rejection.self) {
            try parse([("type", type), ("task", Self.task.description), ("up_to_ms", "5")], from: stream)
        }
        #expect(rejection?.code == .invalidField && rejection?.message.contains("results stream") == true)
        #expect(rejection?.addressee.run == "order-42")
    }

    @Test("is not answered itself, unless it is no answer at all")
    func addressee() {
        func addressee(_ type: String) -> Rejection.Addressee? {
            let fields = [
                ("type", type), ("task", Self.task.description), ("output", "{"), ("reply_to", "me"), ("traceparent", Self.trace),
            ]
            return #expect(throws: Rejection.self) { try parse(fields) }?.addressee
        }
        #expect(addressee("complete") == Rejection.Addressee(run: "order-42", traceparent: Self.trace))
        #expect(addressee("cancel") == Rejection.Addressee(replyName: "me", traceparent: Self.trace))
        #expect(addressee("done") == Rejection.Addressee(run: "order-42", replyName: "me", traceparent: Self.trace))
    }
}
