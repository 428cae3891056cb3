import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores

/// An event in a list of arguments.
enum EventItem: String, ScriptItem {
    case type, time, sequence, data

    static let item = "event"
}

/// A value that a step writes to its run's store.
enum ValueItem: String, ScriptItem {
    case field, json

    static let item = "value"
}

/// What a script writes down of a step besides its own arguments.
struct StepLists: Sendable {
    var rows: [CheckpointRow] = []
    var events: [PendingEvent] = []
    var values: [(field: String, json: [UInt8])] = []
    var removed: [String] = []
}

extension ScriptArguments {
    mutating func append(rows: [CheckpointRow]) {
        // The fence tells owners apart.
        append(list: rows.map { RowCodec.encode($0, isSigned: false) })
    }

    mutating func append(events: [PendingEvent], from firstSequence: Int) {
        var sequence = firstSequence
        append(list: EventItem.self, count: events.count) { list in
            for event in events {
                list.append(.type, event.type.rawValue)
                list.append(.time, Timestamp.text(event.time))
                list.append(.sequence, EventEntry.printed(sequence: sequence))
                list.append(.data, event.data)
                sequence += 1
            }
        }
    }

    mutating func append(values: [(field: String, json: [UInt8])], removed: [String]) {
        append(list: ValueItem.self, count: values.count) { list in
            for value in values {
                list.append(.field, value.field)
                list.append(.json, bytes: value.json)
            }
        }
        append(list: removed)
    }
}
