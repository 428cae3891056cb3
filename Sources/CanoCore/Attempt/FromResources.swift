/// A group of resources that are used together.
///
/// ```swift
/// struct Backends: FromResources {
///     let payments: PaymentClient
///     let stock: StockClient
///     init(from resources: Resources) throws(CanoError) {
///         payments = try resources[.payments]
///         stock = try resources[.stock]
///     }
/// }
/// let backends = try context.resources(Backends.self)
/// ```
public protocol FromResources {
    /// Takes what it needs.
    ///
    /// - Throws: The error of the first resource that isn't there.
    init(from resources: Resources) throws(CanoError)
}

extension TaskContext {
    /// The group, taken from the workflow's resources.
    ///
    /// - Throws: The error of the first resource that isn't there; ``CanoError/Category/attemptEnded``.
    public func resources<Group: FromResources>(_ group: Group.Type = Group.self) throws(CanoError) -> Group {
        try scope.ensureOpen(generation)
        return try Group(from: scope.run.resources)
    }
}
