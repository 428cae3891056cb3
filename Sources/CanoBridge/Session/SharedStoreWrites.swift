import CanoCore
import CanoRedis

/// What one step writes to stores that runs share, in order, as a script's arguments.
struct SharedStoreWrites: Sendable {
    private struct Write: Sendable {
        let operation: String
        let key: Int
        let field: String
        let value: [UInt8]
    }

    /// The keys of the stores, each once.
    private(set) var keys: [String] = []
    private var writes: [Write] = []

    var isEmpty: Bool { writes.isEmpty }

    /// Adds a write to one store.
    ///
    /// - Throws: ``CanoError`` with the category `store` when a value does not encode.
    mutating func add(_ write: StagedWrite, to key: String) throws {
        let (operation, value): (String, [UInt8]) =
            switch write.operation {
            case .put(let value): ("put", try RunStoreContents.encode(value))
            case .remove: ("remove", [])
            case .increment(let amount): ("increment", Array(String(amount).utf8))
            case .putIfAbsent(let value): ("put_if_absent", try RunStoreContents.encode(value))
            case .append(let element): ("append", try RunStoreContents.encode(element))
            }
        let index = keys.firstIndex(of: key) ?? keys.count
        if index == keys.count { keys.append(key) }
        writes.append(Write(operation: operation, key: index, field: write.key, value: value))
    }

    /// Appends the writes: their count, then operation, number of the store's key, field and value of each.
    ///
    /// - Parameters:
    ///   - call: The script, whose keys have these stores among them.
    ///   - firstKey: The number of the first store's key, counted from 1.
    func append(to call: inout RedisScriptCall, firstKey: Int) {
        call.append(writes.count)
        for write in writes {
            call.append(write.operation)
            call.append(firstKey + write.key)
            call.append(write.field)
            call.append(bytes: write.value)
        }
    }
}
