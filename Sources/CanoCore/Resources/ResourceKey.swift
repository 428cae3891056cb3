/// The name of a resource, tied to its type.
///
/// ```swift
/// extension ResourceKey<PaymentClient> { static var payments: Self { "payments" } }
/// ```
public struct ResourceKey<Value>: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The name.
    public let name: String

    /// Creates a key from its name.
    public init(_ name: String) { self.name = name }

    /// Creates a key from its name.
    public init(stringLiteral name: String) { self.name = name }
}
