/// Named values of declared types.
///
/// In memory, in Redis or anywhere else: a task written against it runs in a test and on the bus alike. Every method may
/// be called from any task at the same time. Reading a name that holds a value of another type throws.
public protocol Store: Sendable {
    /// The value, or `nil` when there is none.
    func get<Value>(_ key: StoreKey<Value>) async throws -> Value?

    /// Sets the value, whatever was there.
    func put<Value>(_ value: Value, for key: StoreKey<Value>) async throws

    /// Removes the value; a name that isn't there is fine.
    func remove<Value>(_ key: StoreKey<Value>) async throws

    /// Adds to a number; one that isn't there counts as 0.
    ///
    /// - Returns: The new value. Inside a run this is a preview: the amount is added to the value found when the step commits.
    func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int

    /// Sets the value unless there is one.
    ///
    /// - Returns: Whether it was set.
    func putIfAbsent<Value>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool

    /// Adds an element to the end of a list; one that isn't there counts as empty.
    func append<Element>(_ element: Element, to key: StoreKey<[Element]>) async throws

    /// The names of all values, in no particular order.
    func keys() async throws -> [String]
}
