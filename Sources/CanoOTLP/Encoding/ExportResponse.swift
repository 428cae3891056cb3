import CanoPrimitives

/// What a receiver says of a request that it has taken: an `ExportTraceServiceResponse`, or an `ExportMetricsServiceResponse`.
struct ExportResponse: Sendable, Equatable {
    /// How many spans, or points of metrics, it has not kept. They are not sent again.
    let rejected: Int
    /// Why, or what else it wants to be known.
    let message: String

    /// Reads a body. One that says nothing, or is no JSON, rejects nothing: the request was taken.
    init(_ body: some Sequence<UInt8>) {
        let partial = (try? JSONValue.decode(Body.self, from: body))?.partialSuccess
        rejected = (partial?.rejectedSpans ?? partial?.rejectedDataPoints)?.value ?? 0
        message = partial?.errorMessage ?? ""
    }

    private struct Body: Decodable {
        let partialSuccess: PartialSuccess?
    }

    private struct PartialSuccess: Decodable {
        let rejectedSpans: Count?
        let rejectedDataPoints: Count?
        let errorMessage: String?
    }

    /// A 64-bit number of protobuf: text, and often a number all the same.
    private struct Count: Decodable {
        let value: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value = try (try? container.decode(Int.self)) ?? (Int(container.decode(String.self)) ?? 0)
        }
    }
}
