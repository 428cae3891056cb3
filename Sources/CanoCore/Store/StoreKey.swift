/// The name of a value in a store, tied to the value's type. In a run's store, names that begin with `handed-to:` are the engine's.
///
/// ```swift
/// extension StoreKey<Int> { static var total: Self { "total" } }
/// ```
public struct StoreKey<Value: Codable & Sendable>: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The name, as the store keeps it.
    public let name: String

    /// Creates a key from its name.
    public init(_ name: String) { self.name = name }

    /// Creates a key from its name.
    public init(stringLiteral name: String) { self.name = name }
}
