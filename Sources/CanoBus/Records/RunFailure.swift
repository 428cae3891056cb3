package import CanoPrimitives

/// A failure as events and records carry it: no stack traces, the causes nested.
public struct RunFailure: Sendable, Hashable {
    /// The deepest a chain of causes is written.
    package static let maximumDepth = 8

    /// The code and the category of a run that may have killed its bridges and was quarantined.
    package static let poison = "poison"

    /// For programs: the code that the task's error brought along, else the category.
    public let code: String
    /// For people; may change.
    public let message: String
    /// One of the engine's kinds of failure, or `poison`.
    public let category: String
    /// The state it happened in; nil when unknown.
    public let state: String?
    /// The task it happened in; nil when unknown.
    public let task: String?
    /// The attempt it happened in, from 1; nil when unknown.
    public let attempt: Int?
    /// Whether trying again could help, as far as the engine can tell.
    public let isRetryable: Bool
    /// What it follows from, eight deep at most.
    public let causes: [RunFailure]

    package init(
        code: String, message: String, category: String, state: String?, task: String? = nil, attempt: Int? = nil,
        isRetryable: Bool = false,
        causes: [RunFailure] = []
    ) {
        self.code = code
        self.message = message
        self.category = category
        self.state = state
        self.task = task
        self.attempt = attempt
        self.isRetryable = isRetryable
        self.causes = causes
    }

    /// The failure as JSON text.
    package var json: String { json(depth: 0) }

    private func json(depth: Int) -> String {
        var writer = JSONWriter()
        write(&writer, state: JSONWriter.string(state), depth: depth)
        return writer.object
    }

    private func write(_ writer: inout JSONWriter, state: String, depth: Int) {
        writer.member(.code, code)
        writer.member(.message, message)
        writer.member(.category, category)
        writer.member(.state, json: state)
        writer.member(.task, json: JSONWriter.string(task))
        writer.member(.attempt, json: attempt.map { String($0) } ?? "null")
        writer.member(.retryable, isRetryable)
        writer.member(
            .causes, json: JSONWriter.array(depth < Self.maximumDepth ? causes.map { $0.json(depth: depth + 1) } : []))
    }

    /// The same with a hole for the state.
    package var template: String {
        var writer = JSONWriter()
        write(&writer, state: JSONWriter.hole(Field.state.rawValue), depth: 0)
        return writer.object
    }

    /// Reads a failure.
    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        code = try data.value(.code)
        message = try data.value(.message)
        category = try data.value(.category)
        state = try data.optional(.state)
        task = try data.optional(.task)
        attempt = try data.optional(.attempt)
        isRetryable = try data.value(.retryable)
        var causes: [RunFailure] = []
        for cause in try JSONObject.elements(of: try data.json(.causes), in: .causes) { causes.append(try RunFailure(cause)) }
        self.causes = causes
    }

    /// Reads a failure from JSON text.
    ///
    /// - Throws: ``BusError`` with the code `unreadableEvent`.
    package init(json: String) throws(BusError) {
        do {
            self = try RunFailure(try JSONObject(json))
        } catch {
            throw BusError(.unreadableEvent, "What is there is no failure: \(error)")
        }
    }

    package static let members = [
        Member(.code, .text, "The code that the task's error brought along, else the category."),
        Member(.message, .text, "For people; may change."),
        Member(.category, .text, "One of the engine's kinds of failure, or poison."),
        Member(.state, .optional(.text), "The state it happened in."), Member(.task, .optional(.text), "The task it happened in."),
        Member(.attempt, .optional(.wholeNumber), "The attempt it happened in, from 1."),
        Member(.retryable, .truth, "Whether trying again could help, as far as the engine can tell."),
        Member(.causes, .failures, "What it follows from: a list of failures, eight deep at most."),
    ]
}
