import CanoCore
import CanoPrimitives

/// A failure as events and records carry it: no stack traces, the causes nested.
enum ErrorText {
    /// The deepest a chain of causes is printed.
    private static let maximumDepth = 8

    static func json(_ error: CanoError, depth: Int = 0) -> String {
        var text = JSONWriter()
        text.member("code", error.code)
        text.member("message", error.message)
        text.member("category", error.category.rawValue)
        text.member("state", json: error.state.map(JSONWriter.string) ?? "null")
        text.member("task", json: error.task.map(JSONWriter.string) ?? "null")
        text.member("attempt", json: error.attempt.map(String.init) ?? "null")
        text.member("retryable", error.isRetryable)
        let causes = depth < maximumDepth ? error.causes.map { json($0, depth: depth + 1) } : []
        text.member("causes", json: JSONWriter.array(causes))
        return text.object
    }
}
