package import CanoCore
package import CanoRedis

/// What a step writes to shared stores, as a script takes it.
///
/// For every script that commits a step together with such writes: ``lua`` is one of its libraries, ``Field`` one of its items and
/// ``constant`` one of its constants; ``append(to:firstKey:)`` gives it the writes as a list, and it calls `plan_shared_writes` with the list's
/// place before it writes anything, `write_changes` after.
package struct SharedWrites: Sendable {
    private struct Entry {
        let operation: String
        /// Which of the stores, from 0.
        let store: Int
        let key: String
        let value: [UInt8]
    }

    /// The fields of one write in a script's list.
    package enum Field: String, ScriptItem {
        case operation, store, field, value

        package static let item = "shared_write"
    }

    /// The functions in Lua. They use the places of ``Field`` and ``constant``.
    package static let lua = PackageResources.shared_writes_lua
    package static let constant = ScriptConstant("most_value_bytes", StoreLimit.sharedValueBytes)

    /// The names of the stores, each once, in the order they were first written to.
    package let stores: [String]
    private let entries: [Entry]

    /// Encodes the writes that go to shared stores; others are left out.
    ///
    /// - Throws: `CanoError` of category `store` when a value does not encode as JSON.
    package init(_ writes: [StagedWrite]) throws(CanoError) {
        var stores: [String] = []
        var entries: [Entry] = []
        for write in writes {
            guard let name = write.store else { continue }
            let index = stores.firstIndex(of: name) ?? stores.endIndex
            if index == stores.endIndex { stores.append(name) }
            let (operation, value) = try Self.encode(write.operation)
            entries.append(Entry(operation: operation, store: index, key: write.key, value: value))
        }
        self.stores = stores
        self.entries = entries
    }

    private static func encode(_ operation: StagedWrite.Operation) throws(CanoError) -> (String, [UInt8]) {
        switch operation {
        case .put(let value): ("put", try StoredJSON.encode(value))
        case .remove: ("remove", [])
        case .increment(let amount): ("increment", Array(String(amount).utf8))
        case .putIfAbsent(let value): ("put_if_absent", try StoredJSON.encode(value))
        case .append(let element): ("append", try StoredJSON.encode(element))
        }
    }

    /// Adds the writes to a script's arguments, as a list.
    ///
    /// - Parameters:
    ///   - arguments: The arguments, of which those with names are there.
    ///   - firstKey: The number among the script's keys, from 1, of the first of ``stores``; the others follow it.
    package func append<Name: ScriptName>(to arguments: inout ScriptArguments<Name>, firstKey: Int) {
        arguments.append(list: Field.self, count: entries.count) { list in
            for entry in entries {
                list.append(.operation, entry.operation)
                list.append(.store, firstKey + entry.store)
                list.append(.field, entry.key)
                list.append(.value, bytes: entry.value)
            }
        }
    }

    /// What the engine is to be told when a script refused the writes: a `StepConflict`, or a `CanoError` that fails the
    /// run. `nil` when the reply is no refusal.
    package static func refusal(in reply: RESPValue) -> (any Error)? {
        guard let parts = reply.arrayValue, parts.count >= 3, let kind = parts[0].string else { return nil }
        let place = "\"\(parts[2].string ?? "?")\" of \(parts[1].string ?? "?")"
        switch kind {
        case "conflict":
            return StepConflict("\(place) has a value already")
        case "unfit":
            let found = parts.count > 3 ? parts[3].bytes.map { String(decoding: $0, as: UTF8.self) } ?? "" : ""
            return CanoError(
                .store, "\(place) holds \(found), which cannot be added to: it is of another type, or the sum leaves 64 bits",
                isRetryable: false)
        case "too-large":
            guard parts.count > 3, let bytes = parts[3].integerValue else { return nil }
            return StoreLimit.valueIsTooLarge(place, Int(bytes))
        default:
            return nil
        }
    }
}
