extension Dictionary where Key == String, Value == String {
    /// A hash of texts, as `HGETALL` gives it.
    package init(hash fields: [(field: RESPBytes, value: RESPBytes)]) {
        self.init(minimumCapacity: fields.count)
        for (field, value) in fields { self[String(decoding: field, as: UTF8.self)] = String(decoding: value, as: UTF8.self) }
    }
}
