/// The workflow of a child run, with the types of its input and its output.
///
/// One that is given as a value also runs where there is no bus, in the process of its parent. One that is only named may be any workflow on the
/// parent's bus, of whichever program.
///
/// ```swift
/// ChildWorkflow(invoicing)                                                        // a Workflow<InvoiceStep>
/// ChildWorkflow("invoice", taking: Order.self, giving: Invoice.self)              // by name
/// ```
public struct ChildWorkflow<Input: Encodable & Sendable, Output: Decodable & Sendable>: Sendable {
    /// What it is called.
    public let name: String
    /// The one version that may run the child; `nil` for whichever there is.
    public let version: String?
    /// Runs a child in this process, with its input as JSON, and answers its output as JSON.
    let runHere: ChildRunner?

    /// Names a workflow.
    ///
    /// - Parameters:
    ///   - name: What it is called on the bus.
    ///   - version: The one version that may run the child; `nil` for whichever there is.
    ///   - input: The type of its input, which it reads as JSON.
    ///   - output: The type of its output, which it writes as JSON.
    public init(_ name: String, version: String? = nil, taking input: Input.Type, giving output: Output.Type) {
        self.init(name, version, runHere: nil)
    }

    init(_ name: String, _ version: String?, runHere: ChildRunner?) {
        self.name = name
        self.version = version
        self.runHere = runHere
    }
}

/// Runs a child in the process of its parent, to its end, and answers its output as JSON.
typealias ChildRunner = @concurrent @Sendable (ChildRequest, _ input: [UInt8], _ parent: RunScope) async throws -> [UInt8]

/// Nothing, as JSON: the input of a child whose workflow takes none, and the output of one that has none or that is not looked at.
public struct NoValue: Codable, Sendable, Hashable {
    /// Creates nothing.
    public init() {}

    /// Reads anything.
    public init(from _: any Decoder) {}

    /// Writes `null`.
    ///
    /// - Throws: What the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}
