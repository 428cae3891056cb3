import Testing

@testable import CanoCore

@Suite struct WorkAnswerTests {
    private func read(_ json: String) throws(CanoError) -> AttemptAnswer {
        try AttemptAnswer(ReceivedSignal(id: "1", name: "//1", data: Array(json.utf8)))
    }

    @Test(
        "what a worker answers comes back as it was, with its attempt",
        arguments: [
            .completed(output: Array("null".utf8)), .completed(output: Array(#"{"a":[1,"ä\n"]}"#.utf8), next: "ship"),
            .failed(WorkFailure(code: "card.declined", message: "no \"funds\"")),
            .failed(WorkFailure(code: "busy", message: "", isRetryable: false, retryAfter: .milliseconds(1_500))),
            .failed(
                WorkFailure(
                    of: "a//1", workflow: "w",
                    endedBy: CanoError(.retryExhausted, "no \"luck\"", state: "s", attempt: 2, causes: [CanoError(.timeout, "slow")]))),
        ] as [WorkAnswer])
    func roundTrip(answer: WorkAnswer) throws {
        let signal = answer.signal("//3.1", attempt: 2, id: "w-7")
        #expect(signal.name == "//3.1")
        #expect(signal.id == "w-7")
        #expect(try AttemptAnswer(signal) == AttemptAnswer(attempt: 2, answer: answer))
    }

    @Test("an answer has the form that workers in any language write")
    func form() throws {
        let completed = WorkAnswer.completed(output: Array(#"{"n": 1}"#.utf8), next: "ship").signal("//1", attempt: 1, id: "i")
        #expect(String(decoding: completed.data, as: UTF8.self) == #"{"attempt":1,"output":{"n": 1},"next":"ship"}"#)
        let failure = WorkFailure(code: "busy", message: "later", retryAfter: .seconds(5))
        let failed = WorkAnswer.failed(failure).signal("//1", attempt: 4, id: "i")
        let json = #"{"attempt":4,"failure":{"code":"busy","message":"later","retryable":true,"retry_after_ms":5000}}"#
        #expect(String(decoding: failed.data, as: UTF8.self) == json)
        #expect(try read(#" { "next" : null , "output" : 1 , "attempt" : 1 } "#).answer == .completed(output: Array("1".utf8)))
    }

    @Test(
        "what is no answer fails the attempt with bad_output, says what is wrong, and is not tried again",
        arguments: [
            ("", "no JSON object"), ("[]", "no JSON object"), (#"{"attempt":1,"output":1"#, "no JSON object"),
            (#"{"output":1}"#, "\"attempt\""), (#"{"attempt":0,"output":1}"#, "\"attempt\""),
            (#"{"attempt":"1","output":1}"#, "\"attempt\""),
            (#"{"attempt":1}"#, "\"output\""), (#"{"attempt":1,"output":1,"more":2}"#, "\"more\""),
            (#"{"attempt":1,"output":1,"output":2}"#, "\"output\""), (#"{"attempt":1,"output":1,"next":""}"#, "\"next\""),
            (#"{"attempt":1,"output":1,"next":2}"#, "\"next\""),
            (#"{"attempt":1,"output":1,"failure":{"code":"a","message":"","retryable":true}}"#, "\"failure\""),
            (#"{"attempt":1,"failure":"no"}"#, "\"failure\""), (#"{"attempt":1,"failure":null}"#, "\"failure\""),
            (#"{"attempt":1,"failure":{"code":"a b","message":"","retryable":true}}"#, "\"code\""),
            (#"{"attempt":1,"failure":{"message":"","retryable":true}}"#, "\"code\""),
            (#"{"attempt":1,"failure":{"code":"a","message":""}}"#, "\"retryable\""),
            (#"{"attempt":1,"failure":{"code":"a","message":"","retryable":true,"retry_after_ms":-1}}"#, "\"retry_after_ms\""),
            (#"{"attempt":1,"failure":{"code":"a","message":"","retryable":true,"why":1}}"#, "\"why\""),
            (#"{"attempt":1,"failure":{"code":"a","message":"","retryable":true,"cause":{"code":"b"}}}"#, "\"cause\""),
        ])
    func malformed(json: String, part: String) {
        let error = caught { try read(json) }
        #expect(error?.code == "bad_output")
        #expect(error?.isRetryable == false)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test("an output has 1 MiB at most, the code of a failure 100 characters, and of a long message the beginning is kept")
    func limits() throws {
        let most = "\"" + String(repeating: "x", count: (1 << 20) - 2) + "\""
        #expect(try read(#"{"attempt":1,"output":\#(most)}"#).answer == .completed(output: Array(most.utf8)))
        #expect(caught { try read(#"{"attempt":1,"output":\#(most) }"#) } == nil)
        #expect(caught { try read(#"{"attempt":1,"output":[\#(most)]}"#) }?.code == "bad_output")
        let code = String(repeating: "c", count: 101)
        #expect(caught { try read(#"{"attempt":1,"failure":{"code":"\#(code)","message":"","retryable":true}}"#) }?.code == "bad_output")
        let failure = WorkFailure(code: "long", message: String(repeating: "m", count: 10_000))
        guard case .failed(let kept) = try AttemptAnswer(WorkAnswer.failed(failure).signal("//1", attempt: 1, id: "")).answer else {
            return #expect(Bool(false))
        }
        #expect(kept.message.hasPrefix("mmm") && kept.message.utf8.count < 4_200)
    }

    @Test("the failure of a worker that throws has the error's code, and says what it says about another attempt")
    func thrown() {
        #expect(WorkFailure(Mishap(code: "card_declined")).code == "card_declined")
        #expect(WorkFailure(Mishap(code: "no name for a code")).code == "task_execution")
        #expect(WorkFailure(Mishap()).isRetryable)
        #expect(!WorkFailure(Hopeless()).isRetryable)
        #expect(WorkFailure(CanoError(.generic, "later", retryAfter: .seconds(3))).retryAfter == .seconds(3))
        let error = WorkFailure(code: "busy", message: "later", isRetryable: false, retryAfter: .seconds(1)).error
        #expect(error.category == .taskExecution && error.code == "busy" && !error.isRetryable && error.retryAfter == .seconds(1))
    }

    @Test("what is handed out with a row is no part of it")
    func row() {
        let plain = CheckpointRow(sequence: 1, kind: .waiting, state: "a")
        var row = plain
        row.request = WorkRequest(queue: "q", run: "r", state: "a", input: [])
        #expect(row.request?.queue == "q")
        #expect(row == plain)
        #expect(Set([row, plain]).count == 1)
        row.request = nil
        #expect(row.request == nil)
    }

    @Test("the answers to a visit and to each branch of it have names of their own")
    func legs() {
        #expect(WorkRequest(queue: "q", run: "r", state: "a", visit: 3, input: []).leg == "//3")
        #expect(WorkRequest(queue: "q", run: "r", state: "a", visit: 3, branch: 0, input: []).leg == "//3.0")
        #expect(WorkRequest(queue: "q", run: "r", state: "a", visit: 3, isUndo: true, input: []).leg == "//3-undo")
    }
}
