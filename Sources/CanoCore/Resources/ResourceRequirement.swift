/// A resource a task cannot do without, so that ``Workflow/validate()`` finds it missing before anything runs.
public struct ResourceRequirement: Sendable {
    let name: String
    let type: any Any.Type
    let accepts: @Sendable (Any) -> Bool

    /// Requires the resource with that key.
    public init<Value>(_ key: ResourceKey<Value>) {
        name = key.name
        type = Value.self
        accepts = { $0 is Value }
    }
}

extension ResourceKey {
    /// The requirement of this resource.
    public var required: ResourceRequirement { ResourceRequirement(self) }
}
