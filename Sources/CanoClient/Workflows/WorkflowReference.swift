import CanoPrimitives

/// What a client knows of a workflow: its name, what it takes, and what it answers.
///
/// A program that has the workflow itself asks it for its `Workflow.reference`. One that only shares its types
/// names it once,
/// ```swift
/// extension WorkflowReference<Order, Receipt> {
///     static var ordering: Self { Self("order") }
/// }
/// ```
/// and starts runs by that name:
/// ```swift
/// let receipt = try await bus.execute(.ordering, order)
/// ```
public struct WorkflowReference<Input: Sendable, Output: Sendable>: Sendable {
    /// What commands call it.
    public let name: String
    /// The one version that may run what is started; nil leaves it to the bridge.
    public let version: String?

    private let encode: @Sendable (Input) throws -> String
    private let decode: @Sendable (String) throws -> Output

    init(
        _ name: String, version: String?, encode: @escaping @Sendable (Input) throws -> String,
        decode: @escaping @Sendable (String) throws -> Output
    ) {
        self.name = name
        self.version = version
        self.encode = encode
        self.decode = decode
    }

    /// The input as a command has it.
    ///
    /// - Throws: ``ClientError`` with the code `unencodableInput`.
    func json(of input: Input) throws(ClientError) -> String {
        do {
            return try encode(input)
        } catch {
            throw ClientError(.unencodableInput, "The input for the workflow \"\(name)\" does not encode as JSON.", underlying: error)
        }
    }

    /// The output of a run.
    ///
    /// - Throws: ``ClientError`` with the code `unreadableOutput`.
    func output(_ json: String) throws(ClientError) -> Output {
        do {
            return try decode(json)
        } catch {
            throw ClientError(
                .unreadableOutput, "The workflow \"\(name)\" has answered something that does not decode as \(Output.self).",
                underlying: error)
        }
    }
}

extension WorkflowReference where Input: Encodable, Output: Decodable {
    /// A workflow that takes and answers such values.
    ///
    /// - Parameters:
    ///   - name: What commands call it.
    ///   - version: The one version that may run what is started; `nil` leaves it to the bridge.
    public init(_ name: String, version: String? = nil) {
        self.init(name, version: version, encode: encoded, decode: decoded)
    }
}

extension WorkflowReference where Input: Encodable, Output == Void {
    /// A workflow that takes such values and answers nothing.
    public init(_ name: String, version: String? = nil) {
        self.init(name, version: version, encode: encoded) { _ in }
    }
}

extension WorkflowReference where Input == Void, Output: Decodable {
    /// A workflow that takes nothing and answers such values.
    public init(_ name: String, version: String? = nil) {
        self.init(name, version: version, encode: { "null" }, decode: decoded)
    }
}

extension WorkflowReference where Input == Void, Output == Void {
    /// A workflow that takes and answers nothing.
    public init(_ name: String, version: String? = nil) {
        self.init(name, version: version, encode: { "null" }) { _ in }
    }
}

extension WorkflowReference where Input == JSONText, Output == JSONText {
    /// A workflow whose types this program does not have.
    public static func json(_ name: String, version: String? = nil) -> WorkflowReference {
        WorkflowReference(name, version: version, encode: { $0.text }, decode: { JSONText($0) })
    }
}

private func encoded(_ value: some Encodable) throws -> String { String(decoding: try JSONValue.encode(value), as: UTF8.self) }

private func decoded<Value: Decodable>(_ text: String) throws -> Value { try JSONValue.decode(Value.self, from: text.utf8) }
