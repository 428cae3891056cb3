/// Resources by their names.
///
/// Where there are few, as in most workflows, names are compared one after the other: that takes less than to hash one.
@usableFromInline struct HeldResources: Sendable {
    /// How many are few.
    @inlinable static var few: Int { 4 }

    @usableFromInline private(set) var names: [String] = []
    @usableFromInline private(set) var held: [any HeldResource & Sendable] = []
    /// Where each is; empty while there are few.
    @usableFromInline private(set) var indices: [String: Int] = [:]

    /// The resource of that name.
    @usableFromInline subscript(name: String) -> (any HeldResource & Sendable)? {
        @inlinable get { index(of: name).map { held[$0] } }
    }

    @inlinable func index(of name: String) -> Int? {
        guard held.count <= Self.few else { return indices[name] }
        for index in names.indices where names[index] == name { return index }
        return nil
    }

    /// Adds one, or replaces the one of that name.
    mutating func insert(_ resource: any HeldResource & Sendable, for name: String) {
        if let index = index(of: name) {
            held[index] = resource
            return
        }
        names.append(name)
        held.append(resource)
        if held.count > Self.few { indices = Dictionary(uniqueKeysWithValues: zip(names, names.indices)) }
    }
}
