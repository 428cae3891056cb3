import CanoCore
import CanoPrimitives

/// The store of one run as its owner holds it in memory: what is in Redis, and what the next step will write there.
///
/// One bridge owns a run, so what it holds is the truth: `increment` and `append` are done here and written as values.
struct RunStoreContents: Sendable {
    private struct Entry: Sendable {
        var json: [UInt8]
        /// The value itself when this process has put or decoded it, so that reading it again decodes nothing.
        var value: (any Sendable)?
    }

    private var entries: [String: Entry] = [:]
    /// What Redis has under the names that have changed since it was told: the rest of the store need not be kept twice.
    private var earlier: [String: Entry?] = [:]
    /// How long its names and values are together.
    private(set) var byteCount = 0

    /// Creates the contents of a store that is empty, or loaded from Redis at a takeover.
    init(_ fields: [String: [UInt8]] = [:]) {
        for (key, json) in fields { set(key, Entry(json: json, value: nil)) }
    }

    var keys: [String] { entries.keys.sorted() }

    /// Reads a value.
    ///
    /// - Throws: ``CanoError`` with the category `store` for a value of another type.
    func get<Value: Codable & Sendable>(_ key: StoreKey<Value>) throws -> Value? {
        guard let entry = entries[key.name] else { return nil }
        if let value = entry.value as? Value { return value }
        do {
            return try JSONValue.decode(Value.self, from: entry.json)
        } catch {
            throw CanoError(
                .store, "The run store's value of \"\(key.name)\" does not decode as \(Value.self): it was put as something else.",
                underlying: error)
        }
    }

    /// Reads a value as ``get(_:)`` does, and keeps it decoded for the next one who asks.
    mutating func getAndKeep<Value: Codable & Sendable>(_ key: StoreKey<Value>) throws -> Value? {
        let value = try get(key)
        if let value { entries[key.name]?.value = value }
        return value
    }

    /// Applies an attempt's writes in order, all of them or, when one fails, none.
    mutating func apply(_ writes: [StagedWrite]) throws {
        var replaced: [(key: String, entry: Entry?)] = []
        do {
            for write in writes {
                let entry = entries[write.key]
                try apply(write)
                replaced.append((write.key, entry))
            }
            guard byteCount <= StoreLimit.runBytes else { throw StoreLimit.runStoreIsFull(byteCount) }
        } catch {
            for (key, entry) in replaced.reversed() { set(key, entry) }
            throw error
        }
        for (key, entry) in replaced where earlier.index(forKey: key) == nil { earlier.updateValue(entry, forKey: key) }
    }

    private mutating func apply(_ write: StagedWrite) throws {
        switch write.operation {
        case .put(let value):
            set(write.key, Entry(json: try Self.encode(value), value: value))
        case .remove:
            set(write.key, nil)
        case .increment(let amount):
            let (sum, isTooLarge) = (try get(StoreKey<Int>(write.key)) ?? 0).addingReportingOverflow(amount)
            guard !isTooLarge else {
                throw CanoError(.store, "Incrementing \"\(write.key)\" by \(amount) leaves the range of Int.")
            }
            set(write.key, Entry(json: Array(String(sum).utf8), value: sum))
        case .putIfAbsent(let value):
            if entries[write.key] == nil {
                set(write.key, Entry(json: try Self.encode(value), value: value))
            }
        case .append(let element):
            let list = entries[write.key]
            set(
                write.key,
                Entry(
                    json: try Self.appending(try Self.encode(element), to: list?.json, key: write.key),
                    // Of a list that begins here all is known.
                    value: list == nil ? Self.list(of: element) : Self.appending(element, to: list?.value)))
        }
    }

    private mutating func set(_ key: String, _ entry: Entry?) {
        let old = if let entry { entries.updateValue(entry, forKey: key) } else { entries.removeValue(forKey: key) }
        if let old { byteCount -= key.utf8.count + old.json.count }
        if let entry { byteCount += key.utf8.count + entry.json.count }
    }

    static func encode(_ value: any Codable & Sendable) throws -> [UInt8] {
        do {
            return try JSONValue.encode(value)
        } catch {
            throw CanoError(.store, "A value of type \(type(of: value)) does not encode as JSON.", underlying: error)
        }
    }

    /// The JSON array with one more element.
    private static func appending(_ element: [UInt8], to list: [UInt8]?, key: String) throws -> [UInt8] {
        // JSON has white space around a value, where another program wrote it.
        let list = (list ?? Array("[]".utf8)).trimmingPrefix { $0.isJSONSpace }.reversed().trimmingPrefix { $0.isJSONSpace }.reversed()
        guard list.first == UInt8(ascii: "["), list.last == UInt8(ascii: "]"), list.count >= 2 else {
            throw CanoError(.store, "\"\(key)\" holds something other than a list: nothing can be appended to it.")
        }
        let isEmpty = list.dropFirst().dropLast().allSatisfy(\.isJSONSpace)
        return list.dropLast() + (isEmpty ? [] : [UInt8(ascii: ",")]) + element + [UInt8(ascii: "]")]
    }

    /// The list with one more element; nil where it is not known as one of such elements.
    private static func appending<Element: Codable & Sendable>(_ element: Element, to list: (any Sendable)?) -> (any Sendable)? {
        (list as? [Element]).map { $0 + [element] }
    }

    private static func list<Element: Codable & Sendable>(of element: Element) -> any Sendable { [element] }

    /// What has changed since Redis was told: the values to set, and the names to remove.
    var changes: (values: [(field: String, json: [UInt8])], removed: [String]) {
        var values: [(field: String, json: [UInt8])] = []
        var removed: [String] = []
        for (key, old) in earlier {
            if let entry = entries[key] { values.append((key, entry.json)) } else if old != nil { removed.append(key) }
        }
        return (values, removed)
    }

    /// The changes are in Redis.
    mutating func forgetChanges() { earlier.removeAll(keepingCapacity: true) }

    /// The changes come to nothing.
    mutating func dropChanges() {
        for (key, entry) in earlier { set(key, entry) }
        forgetChanges()
    }
}

extension UInt8 {
    fileprivate var isJSONSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
