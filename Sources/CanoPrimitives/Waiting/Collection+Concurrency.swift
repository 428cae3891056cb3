extension Collection where Self: Sendable, Element: Sendable {
    /// What the body makes of each element, in their order, all at the same time. For a few hundred at the most that wait more than they work.
    ///
    /// - Throws: What the body throws first; the others are cancelled.
    package func mapConcurrently<Value: Sendable>(_ body: @escaping @Sendable (Element) async throws -> Value) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            for (index, element) in enumerated() { group.addTask { (index, try await body(element)) } }
            var values: [Value?] = Array(repeating: nil, count: count)
            for try await (index, value) in group { values[index] = value }
            return values.compactMap(\.self)
        }
    }
}
