import CanoPrimitives
import Tracing

extension OTLPResource {
    /// The scope of all that is exported.
    static let scope = #"{"name":"cano"}"#

    /// The resource as OTLP's JSON has it.
    var json: String {
        var writer = JSONWriter()
        let pairs = attributes.sorted { $0.key < $1.key }
        writer.member("attributes", json: JSONWriter.array(pairs.map { AttributeValue.pair($0.key, .string($0.value)) }))
        return writer.object
    }
}
