import CanoPrimitives

/// What a worker has answered to one attempt, and how a signal says so: the only place that knows its JSON.
struct AttemptAnswer: Sendable, Hashable {
    let attempt: Int
    let answer: WorkAnswer

    init(attempt: Int, answer: WorkAnswer) {
        self.attempt = attempt
        self.answer = answer
    }

    /// The data of the signal.
    var data: [UInt8] {
        var writer = JSONWriter()
        writer.member("attempt", Int64(attempt))
        switch answer {
        case .completed(let output, let next):
            writer.member("output", json: String(decoding: output, as: UTF8.self))
            if let next { writer.member("next", next) }
        case .failed(let failure):
            writer.member("failure", json: Self.json(failure))
        }
        return Array(writer.object.utf8)
    }

    private static func json(_ failure: WorkFailure) -> String {
        var writer = JSONWriter()
        writer.member("code", failure.code)
        writer.member("message", CanoError(.generic, failure.message).shortMessage)
        writer.member("retryable", failure.isRetryable)
        if let pause = failure.retryAfter { writer.member("retry_after_ms", min(max(pause.wholeMilliseconds, 0), longestPause)) }
        if let cause = failure.cause { writer.member("cause", json: cause.json) }
        return writer.object
    }

    /// A year: what is longer is a mistake.
    private static let longestPause: Int64 = 366 * 86_400_000
    private static let outputBytes = 1 << 20
    private static let labelBytes = 1_000

    /// Reads the data of a signal.
    ///
    /// - Throws: ``CanoError/Category/taskExecution`` with the code `bad_output` for data that is no answer. No other attempt cures it.
    init(_ signal: ReceivedSignal) throws(CanoError) {
        do {
            try self.init(json: String(decoding: signal.data, as: UTF8.self))
        } catch let problem as JSONSyntax.Problem {
            throw CanoError(badOutput: "a worker's answer is no JSON object: \(problem.message) at byte \(problem.offset)")
        } catch let misfit as JSONObject.Misfit {
            throw CanoError(badOutput: "a worker's answer is none: its member \"\(misfit.member)\" is to be \(misfit.expectation)")
        } catch {
            throw CanoError(badOutput: "a worker's answer is none: \(error)")
        }
    }

    private init(json: String) throws {
        let object = try JSONObject(json)
        try object.requireOnly(["attempt", "output", "next", "failure"])
        attempt = try object.value("attempt")
        guard attempt > 0 else { throw JSONObject.Misfit(member: "attempt", expectation: "1 or more") }
        if let failure = object["failure"] {
            guard object["output"] == nil, object["next"] == nil else {
                throw JSONObject.Misfit(member: "failure", expectation: "there without output and next")
            }
            answer = .failed(try Self.failure(failure))
        } else {
            let output = try object.json("output")
            guard output.utf8.count <= Self.outputBytes else {
                throw JSONObject.Misfit(member: "output", expectation: "of \(Self.outputBytes) bytes at most")
            }
            let next = try object.optional("next", String.self)
            guard next.map({ (1...Self.labelBytes).contains($0.utf8.count) }) ?? true else {
                throw JSONObject.Misfit(member: "next", expectation: "the label of a state, of 1 to \(Self.labelBytes) bytes")
            }
            answer = .completed(output: Array(output.utf8), next: next)
        }
    }

    private static func failure(_ json: String) throws -> WorkFailure {
        let object: JSONObject
        do { object = try JSONObject(json) } catch { throw JSONObject.Misfit(member: "failure", expectation: "an object") }
        try object.requireOnly(["code", "message", "retryable", "retry_after_ms", "cause"])
        let code = try object.value("code", String.self)
        guard Name.isValid(code) else { throw JSONObject.Misfit(member: "code", expectation: Name.rule) }
        let pause = try object.optional("retry_after_ms", Int64.self)
        guard pause.map({ (0...longestPause).contains($0) }) ?? true else {
            throw JSONObject.Misfit(member: "retry_after_ms", expectation: "0 to \(longestPause)")
        }
        return WorkFailure(
            code: code, message: CanoError(.generic, try object.value("message")).shortMessage, isRetryable: try object.value("retryable"),
            retryAfter: pause.map { .milliseconds($0) }, cause: try object["cause"].map(Self.cause))
    }
}

extension AttemptAnswer {
    fileprivate static func cause(_ json: String) throws -> StoredFailure {
        do { return try JSONValue.decode(StoredFailure.self, from: json.utf8) } catch {
            throw JSONObject.Misfit(member: "cause", expectation: "what a child run ended with")
        }
    }
}

extension JSONObject {
    /// - Throws: ``Misfit`` for a member that is none of these, or is there twice.
    fileprivate func requireOnly(_ names: Set<String>) throws(Misfit) {
        var seen: Set<String> = []
        for member in members {
            guard names.contains(member.name) else { throw Misfit(member: member.name, expectation: "missing") }
            guard seen.insert(member.name).inserted else { throw Misfit(member: member.name, expectation: "there once") }
        }
    }
}

extension CanoError {
    /// A worker has answered something else than it was to. No other attempt cures it.
    init(badOutput message: String, underlying: (any Error)? = nil) {
        self.init(.taskExecution, message, code: "bad_output", isRetryable: false, underlying: underlying)
    }
}
