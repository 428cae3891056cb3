package import CanoPrimitives

/// A worker has answered too late: its task was done by then, is another attempt's, or its run is over. The answer changes nothing.
public struct TaskLate: SingleEventData {
    package static let type = EventType.taskLate

    /// What the answer named.
    public let task: String
    /// The attempt it was about.
    public let attempt: Int
    /// What the worker answered: `complete`, `fail`, `release` or `defer`.
    public let answer: String

    package init(_ token: TaskToken, answer: CommandType) {
        task = token.description
        attempt = token.attempt
        self.answer = answer.rawValue
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.task, task)
        data.member(.attempt, Int64(attempt))
        data.member(.type, answer)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        task = try data.value(.task)
        attempt = try data.value(.attempt)
        answer = try data.value(.type)
    }

    package static let members = [
        Member(.task, .text, "What the answer named."),
        Member(.attempt, .wholeNumber, "The attempt it was about."),
        Member(.type, .word(CommandType.allCases.filter(\.isAnswer).map(\.rawValue)), "What the worker answered."),
    ]
}
