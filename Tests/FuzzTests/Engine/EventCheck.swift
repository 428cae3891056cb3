import CanoPrimitives
import Foundation

@testable import CanoBus

/// What holds of every event, whatever it tells of.
enum EventCheck {
    /// Checks that the data of an event is strict JSON, and reads back as the same.
    static func check<Data: EventDataCoding>(_ data: Data) throws {
        let json = data.json
        do {
            let read = try EventCatalog.data(of: data.type, json) as? Data
            guard read == data else { throw Finding("is told as \(json), which is read as another event") }
        } catch {
            throw Finding("is told as \(json), which can't be read: \(error)")
        }
        try checkNames(in: json)
    }

    /// Checks that an object is JSON to another reader, each of its members with a name of its own.
    static func checkNames(in json: String) throws {
        let names = try JSONObject(json).members.map { Array($0.name.utf8) }
        guard Set(names).count == names.count else { throw Finding("is told as \(json), in which a name stands twice") }
        _ = try JSONSerialization.jsonObject(with: Foundation.Data(json.utf8))
    }
}
