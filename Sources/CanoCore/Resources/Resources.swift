import Logging

/// The resources of a workflow, by typed key, in the order they were inserted.
///
/// A value: inserting answers a copy. All runs of one workflow value share one lifecycle: the first run sets the
/// resources up, the last one tears them down. Values made per run belong to one run alone.
public struct Resources: Sendable {
    /// Shared by all copies: runs hand the set around.
    @usableFromInline final class Content: Sendable {
        let order: [String]
        @usableFromInline let values: HeldResources
        let managed: [ManagedResource]
        let perRun: [PerRunResource]
        let duplicates: [String]
        let lifecycle = ResourceLifecycle()

        init(
            order: [String], values: HeldResources, managed: [ManagedResource], perRun: [PerRunResource],
            duplicates: [String]
        ) {
            self.order = order
            self.values = values
            self.managed = managed
            self.perRun = perRun
            self.duplicates = duplicates
        }
    }

    @usableFromInline let content: Content
    private static let nothing = Content(order: [], values: HeldResources(), managed: [], perRun: [], duplicates: [])

    /// Creates an empty set.
    public init() { content = Self.nothing }

    private init(content: Content) { self.content = content }

    /// The same with one more. Of two under one key the first stays, and ``Workflow/validate()`` reports the second.
    public func inserting<Value: Sendable>(_ value: Value, for key: ResourceKey<Value>) -> Resources {
        guard !contains(key.name) else { return repeating(key.name) }
        var values = content.values
        values.insert(Held(value), for: key.name)
        let managed = (value as? any Resource).map { [ManagedResource(name: key.name, resource: $0)] } ?? []
        return Resources(
            content: Content(
                order: content.order + [key.name], values: values, managed: content.managed + managed, perRun: content.perRun,
                duplicates: content.duplicates))
    }

    /// The same with one more that each run gets for itself, made when the run is driven.
    ///
    /// One that is a ``Resource`` is set up then and torn down at the end of the run. An error fails the run before its first
    /// state.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - make: Makes the value for a run.
    /// - Returns: The resources with the new one.
    public func insertingPerRun<Value: Sendable>(
        for key: ResourceKey<Value>, _ make: @escaping @concurrent @Sendable (RunID) async throws -> Value
    ) -> Resources {
        guard !contains(key.name) else { return repeating(key.name) }
        let resource = PerRunResource(name: key.name, type: Value.self) { run in Held(try await make(run)) }
        return Resources(
            content: Content(
                order: content.order + [key.name], values: content.values, managed: content.managed, perRun: content.perRun + [resource],
                duplicates: content.duplicates))
    }

    private func repeating(_ name: String) -> Resources {
        Resources(
            content: Content(
                order: content.order, values: content.values, managed: content.managed, perRun: content.perRun,
                duplicates: content.duplicates + [name]))
    }

    /// The resource with that key.
    ///
    /// - Throws: ``CanoError/Category/resourceNotFound`` or ``CanoError/Category/resourceTypeMismatch``.
    public subscript<Value>(key: ResourceKey<Value>) -> Value {
        @inlinable get throws(CanoError) {
            // Looked up once more where it is another type: kept for that, each read would count a reference to it.
            if let held = content.values[key.name] as? Held<Value> { return held.value }
            return try other(key)
        }
    }

    /// A resource read as another type that it also is, such as a protocol it conforms to.
    @usableFromInline func other<Value>(_ key: ResourceKey<Value>) throws(CanoError) -> Value {
        guard let found = content.values[key.name]?.erased else {
            let known = content.order.isEmpty ? "there are none" : "there are \(content.order.joined(separator: ", "))"
            throw CanoError(.resourceNotFound, "no resource \"\(key.name)\" (\(known)); insert it into the workflow's resources")
        }
        guard let value = found as? Value else {
            throw CanoError(.resourceTypeMismatch, "resource \"\(key.name)\" is a \(type(of: found)), not a \(Value.self)")
        }
        return value
    }

    /// Whether there is a resource of that name, shared or made per run.
    public func contains(_ name: String) -> Bool { content.values[name] != nil || content.perRun.contains { $0.name == name } }

    /// The names of all resources, in the order they were inserted.
    public var names: [String] { content.order }

    /// Those with a lifecycle, in order.
    var managed: [ManagedResource] { content.managed }
    var duplicates: [String] { content.duplicates }
    var lifecycle: ResourceLifecycle { content.lifecycle }
    var hasPerRun: Bool { !content.perRun.isEmpty }

    /// What is wrong with a required resource; `nil` when it is there.
    func problem(with requirement: ResourceRequirement) -> String? {
        if let perRun = content.perRun.first(where: { $0.name == requirement.name }) {
            return perRun.type == requirement.type ? nil : "is made per run as a \(perRun.type), not a \(requirement.type)"
        }
        guard let value = content.values[requirement.name]?.erased else { return "is missing" }
        return requirement.accepts(value) ? nil : "is a \(type(of: value)), not a \(requirement.type)"
    }

    /// The resources as one run sees them, with the values made for it, and those of them to be torn down after it.
    func made(for run: RunID, logger: Logger) async throws -> (Resources, [ManagedResource]) {
        var values = content.values
        var managed: [ManagedResource] = []
        for resource in content.perRun {
            do {
                let value = try await resource.make(run)
                values.insert(value, for: resource.name)
                guard let lifecycle = value.erased as? any Resource else { continue }
                try await lifecycle.setUp()
                managed.append(ManagedResource(name: resource.name, resource: lifecycle))
            } catch {
                await ResourceLifecycle.tearDown(managed, logger: logger)
                throw CanoError(settingUp: resource.name, "could not be made for the run", failedWith: error)
            }
        }
        let content = Content(order: content.order, values: values, managed: [], perRun: [], duplicates: [])
        return (Resources(content: content), managed)
    }
}

/// A resource with a lifecycle, and the name it is reported under.
struct ManagedResource: Sendable {
    let name: String
    let resource: any Resource
}

/// A resource that is made for each run.
struct PerRunResource: Sendable {
    let name: String
    let type: any Any.Type
    let make: @concurrent @Sendable (RunID) async throws -> any HeldResource & Sendable
}
