import CanoPrimitives

/// A worker's answer that its attempt has failed.
package struct FailAnswer: BusCommand {
    package static let type = CommandType.fail

    /// What `retry` says where no other attempt is to be made.
    package static let noRetry = "no"
    /// The code of a failure that names none.
    package static let defaultCode = "worker_failed"

    package static let definitions: [FieldDefinition] = [
        .taskToken,
        .optional(.code, .name, "A stable code for programs, such as `card.declined`; `worker_failed` where it is absent."),
        .optional(.message, .shortText(bytes: BusLimits.taskMessageBytes), "What happened, for a person."),
        .optional(.retry, .word([noRetry]), "`no` where another attempt makes no sense."),
        .optional(.retryAfter, .milliseconds(least: 0), "When another attempt makes sense, in milliseconds from now."),
    ]

    package let task: TaskToken
    package let code: String
    package let message: String
    package let isRetryable: Bool
    /// Milliseconds.
    package let retryAfter: Int64?

    package init(
        _ task: TaskToken, code: String = defaultCode, message: String = "", isRetryable: Bool = true, retryAfter: Int64? = nil
    ) {
        self.task = task
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
    }

    package var values: [(Field, String?)] {
        [
            (.task, task.description), (.code, code == Self.defaultCode ? nil : code), (.message, message.isEmpty ? nil : message),
            (.retry, isRetryable ? nil : Self.noRetry), (.retryAfter, retryAfter.map(String.init)),
        ]
    }
}
