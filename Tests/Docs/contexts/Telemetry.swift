// A program with a bridge in it, which is about to send what it traces and measures.
import CanoBridge
import CanoOTLP
import CanoTelemetry
import Logging
import Metrics
import ServiceLifecycle
import Tracing

func fromTheBeginning(bridge: Bridge, logger: Logger) throws {
    // block: Sources/CanoOTLP/CanoOTLP.docc/CanoOTLP.md
}

func spans(bridge: Bridge, configuration: OTLPConfiguration, logger: Logger) {
    // block: Sources/CanoOTLP/Export/OTLPExporter.swift
}

func metrics(bridge: Bridge, configuration: OTLPMetricsConfiguration, logger: Logger) {
    // block: Sources/CanoOTLP/Export/OTLPMetricsExporter.swift
}
