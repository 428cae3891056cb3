import CanoOTLP
import Logging
import Tracing

extension BridgeHost {
    /// Has runs traced, and what their tasks trace themselves, unless the application has a tracer of its own.
    ///
    /// - Parameter configuration: Where spans are sent to; nil for nowhere.
    /// - Returns: What sends them, to be run before the bridge; nil where nothing is sent from here.
    mutating func tracing(to configuration: OTLPConfiguration?) -> OTLPExporter? {
        guard let configuration else { return nil }
        guard tracer == nil, InstrumentationSystem.instrument is NoOpInstrument else {
            logger.notice("the application traces runs itself: nothing is sent to the OTLP endpoint")
            return nil
        }
        let exporter = OTLPExporter(configuration, logger: logger)
        InstrumentationSystem.bootstrap(exporter.tracer)
        tracer = exporter.tracer
        return exporter
    }
}
