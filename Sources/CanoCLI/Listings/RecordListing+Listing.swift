import CanoClient
import CanoPrimitives

extension RecordListing {
    /// A line for each field, with moments as people read them.
    var lines: [String] {
        fields.map { name, value in
            let shown = Self.moments.contains(name) ? Int64(value).map(Timestamp.text) ?? value : value
            return name + String(repeating: " ", count: max(1, 14 - name.count)) + shown
        }
    }
}
