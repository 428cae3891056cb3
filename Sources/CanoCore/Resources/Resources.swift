/// The resources of a workflow, by typed key, in the order they were inserted.
///
/// A value: inserting answers a copy. All runs of one workflow value share one lifecycle: the first run sets the
/// resources up, the last one tears them down.
public struct Resources: Sendable {
    private(set) var order: [String] = []
    private var values: [String: any Sendable] = [:]
    private(set) var duplicates: [String] = []
    /// Those with a lifecycle, in order.
    private(set) var managed: [ManagedResource] = []
    let lifecycle = ResourceLifecycle()

    /// Creates an empty set.
    public init() {}

    /// The same with one more. Of two under one key the first stays, and ``Workflow/validate()`` reports the second.
    public func inserting<Value: Sendable>(_ value: Value, for key: ResourceKey<Value>) -> Resources {
        var copy = Resources()
        copy.order = order
        copy.values = values
        copy.duplicates = duplicates
        copy.managed = managed
        if values[key.name] == nil {
            copy.order.append(key.name)
            copy.values[key.name] = value
            if let resource = value as? any Resource { copy.managed.append(ManagedResource(name: key.name, resource: resource)) }
        } else {
            copy.duplicates.append(key.name)
        }
        return copy
    }

    /// The resource with that key.
    ///
    /// - Throws: ``CanoError/Category/resourceNotFound`` or ``CanoError/Category/resourceTypeMismatch``.
    public subscript<Value>(key: ResourceKey<Value>) -> Value {
        get throws(CanoError) {
            guard let found = values[key.name] else {
                let known = order.isEmpty ? "there are none" : "there are \(order.joined(separator: ", "))"
                throw CanoError(.resourceNotFound, "no resource \"\(key.name)\" (\(known)); insert it into the workflow's resources")
            }
            guard let value = found as? Value else {
                throw CanoError(.resourceTypeMismatch, "resource \"\(key.name)\" is a \(type(of: found)), not a \(Value.self)")
            }
            return value
        }
    }

    /// Whether there is a resource of that name.
    public func contains(_ name: String) -> Bool { values[name] != nil }
}

/// A resource with a lifecycle, and the name it is reported under.
struct ManagedResource: Sendable {
    let name: String
    let resource: any Resource
}
