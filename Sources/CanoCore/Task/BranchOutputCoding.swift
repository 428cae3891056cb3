import CanoPrimitives

/// How the row of a branch that has ended keeps what the branch returned. Made once for all branches with that output.
final class BranchOutputCoding: Sendable {
    /// Writes what a branch returned as JSON text; `nil` when there is nothing to write.
    let text: @Sendable (AnyBranchOutput) throws -> String?
    /// Reads it again.
    let output: @Sendable (String?) throws -> AnyBranchOutput

    /// For outputs that are JSON.
    init<Output: Codable & Sendable>(_: Output.Type) {
        text = { output in
            guard let output = output as? BranchOutput<Output> else { return nil }
            return String(decoding: try Payload.encode(output.value), as: UTF8.self)
        }
        output = { text in BranchOutput(try Payload.decode(Output.self, from: Array((text ?? "null").utf8))) }
    }

    private init() {
        text = { _ in nil }
        output = { _ in nil }
    }

    /// For branches that return nothing.
    static let nothing = BranchOutputCoding()
}
