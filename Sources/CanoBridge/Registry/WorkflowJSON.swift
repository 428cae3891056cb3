import CanoBus
import CanoCore
import CanoPrimitives

/// How the input and the output of a workflow are written as JSON.
struct WorkflowJSON<State: WorkflowState>: Sendable {
    /// - Throws: What ``InputProblem`` describes.
    let decodeInput: @Sendable (_ text: String) throws -> State.Input
    /// - Throws: `EncodingError`.
    private let encode: @Sendable (State.Output) throws -> String

    private init(
        decodeInput: @escaping @Sendable (String) throws -> State.Input, encode: @escaping @Sendable (State.Output) throws -> String
    ) {
        self.decodeInput = decodeInput
        self.encode = encode
    }

    /// The output as JSON text.
    ///
    /// - Throws: ``CanoError`` with the exit state as its place; with the code `output_too_large` when records have no room for it.
    func encodeOutput(_ output: State.Output, at exit: State) throws -> String {
        let json: String
        do {
            json = try encode(output)
        } catch {
            throw CanoError(
                .taskExecution, "The run reached its exit state, but its output does not encode as JSON: \(error)", state: exit.label,
                isRetryable: false, underlying: error)
        }
        guard json.utf8.count <= BusLimits.outputBytes else {
            throw CanoError(
                .taskExecution,
                """
                The run reached its exit state, but its output has \(json.utf8.count) bytes; \(BusLimits.outputBytes) are the most. Keep \
                large data elsewhere and answer where it is.
                """, code: "output_too_large", state: exit.label, isRetryable: false)
        }
        return json
    }
}

extension WorkflowJSON where State.Input: Codable, State.Output: Encodable {
    static var both: WorkflowJSON { WorkflowJSON(decodeInput: decoded, encode: encoded) }
}

extension WorkflowJSON where State.Input: Codable, State.Output == Void {
    static var onlyInput: WorkflowJSON { WorkflowJSON(decodeInput: decoded) { _ in "null" } }
}

extension WorkflowJSON where State.Input == Void, State.Output: Encodable {
    static var onlyOutput: WorkflowJSON { WorkflowJSON(decodeInput: { _ in }, encode: encoded) }
}

extension WorkflowJSON where State.Input == Void, State.Output == Void {
    static var none: WorkflowJSON { WorkflowJSON(decodeInput: { _ in }) { _ in "null" } }
}

private func decoded<Value: Decodable>(_ text: String) throws -> Value { try JSONValue.decode(Value.self, from: text.utf8) }

private func encoded(_ value: some Encodable) throws -> String { String(decoding: try JSONValue.encode(value), as: UTF8.self) }
