import CanoPrimitives

/// Reads what workers answer.
struct AnswerReader {
    let fields: CommandFields

    func complete() throws -> CompleteAnswer {
        CompleteAnswer(
            try task(), output: try fields.checkedJSON(.output, called: "output", atMost: BusLimits.taskBytes),
            next: try fields.text(.next, atMost: BusLimits.stateBytes))
    }

    func fail() throws -> FailAnswer {
        let task = try task()
        let code = try fields.name(.code) ?? FailAnswer.defaultCode
        let message = try fields.text(.message, atMost: BusLimits.taskMessageBytes) ?? ""
        let retry = try fields.text(.retry)
        if let retry, retry != FailAnswer.noRetry {
            throw InvalidField("retry is \"\(retry.prefix(40))\": say \(FailAnswer.noRetry), or leave it out.")
        }
        return FailAnswer(
            task, code: code, message: message, isRetryable: retry == nil, retryAfter: try fields.milliseconds(.retryAfter))
    }

    func release() throws -> ReleaseAnswer { ReleaseAnswer(try task()) }

    func deferral() throws -> DeferAnswer {
        let task = try task()
        guard let upTo = try fields.milliseconds(.upTo) else {
            throw fields.rejection(.missingField, "The field up_to_ms is missing: say for how long the answer may take.")
        }
        guard upTo > 0 else { throw InvalidField("up_to_ms is 0: give the answer at least a millisecond.") }
        return DeferAnswer(task, upTo: upTo)
    }

    private func task() throws -> TaskToken {
        guard let task = try fields.task() else {
            throw fields.rejection(.missingField, "The field task is missing: hand back what the task's entry says in it.")
        }
        return task
    }
}
