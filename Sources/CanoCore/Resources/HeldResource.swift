/// A resource, with its type forgotten.
@usableFromInline protocol HeldResource: AnyObject {
    /// The resource.
    var erased: Any { get }
}

/// A resource. A task that asks for its very type finds it by comparing two pointers; casting an existential would ask the
/// runtime each time.
@usableFromInline final class Held<Value>: HeldResource {
    @usableFromInline let value: Value

    init(_ value: Value) { self.value = value }

    @usableFromInline var erased: Any { value }
}

extension Held: Sendable where Value: Sendable {}
