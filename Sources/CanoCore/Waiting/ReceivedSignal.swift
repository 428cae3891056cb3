/// A signal as it came to a run: a name, and data from outside.
public struct ReceivedSignal: Sendable, Hashable, Codable {
    /// What tells it from every other signal of the run.
    public var id: String
    /// What it is called.
    public var name: String
    /// What it says, as JSON text.
    public var data: [UInt8]

    /// Creates a signal.
    public init(id: String, name: String, data: [UInt8]) {
        self.id = id
        self.name = name
        self.data = data
    }

    private enum CodingKeys: CodingKey { case id, name, data }

    /// Reads a signal as a row keeps it: its data is text there.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        name = try container.decode(String.self, forKey: .name)
        data = Array(try container.decode(String.self, forKey: .data).utf8)
    }

    /// Writes a signal as a row keeps it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(String(decoding: data, as: UTF8.self), forKey: .data)
    }
}
