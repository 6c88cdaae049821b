#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stops when its data is not there"
)]
//! How fast each stage is, in bytes a second, over logs grown from the lab's recordings.
//!
//! `floor` is what counting line feeds costs over the same bytes: nothing can be faster.
//! `cargo bench`; one stage: `cargo bench -- read`.

use std::{fs, hint::black_box, path::Path};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jssl_analyze::{
    assemble::Assembler,
    diagnose::diagnose,
    drive::analyse_bytes,
    envelope::{Envelope, Unwrapped},
    event::Event,
    reader::Reader,
    render::{json, text},
    report::{Analysed, Report},
};

/// All logs of one JDK with `ssl:handshake`, over and over, up to `size` bytes.
fn grown(jdk: &str, size: usize) -> Vec<u8> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/lab/logs")
        .join(jdk);
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.to_string_lossy().contains(".ssl-handshake.")
                && path.extension().is_some_and(|e| e == "log")
        })
        .filter(|path| !path.to_string_lossy().contains("/log-"))
        .collect();
    files.sort();
    let once: Vec<u8> = files
        .iter()
        .flat_map(|path| fs::read(path).unwrap())
        .collect();
    once.iter().copied().cycle().take(size).collect()
}

fn events(data: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    Reader::new().read(data, true, &mut events);
    events
}

fn stages(criterion: &mut Criterion) {
    for jdk in ["17", "25"] {
        let data = grown(jdk, 32 << 20);
        let read = events(&data);
        let mut group = criterion.benchmark_group("stages");
        group
            .throughput(Throughput::Bytes(data.len() as u64))
            .sample_size(10);
        group.bench_with_input(BenchmarkId::new("floor", jdk), &data, |bencher, data| {
            bencher.iter(|| black_box(memchr::memchr_iter(b'\n', data).count()));
        });
        group.bench_with_input(BenchmarkId::new("read", jdk), &data, |bencher, data| {
            bencher.iter(|| black_box(events(data)));
        });
        group.bench_with_input(BenchmarkId::new("assemble", jdk), &read, |bencher, read| {
            bencher.iter_batched(
                || read.clone(),
                |read| {
                    let mut assembler = Assembler::new();
                    for event in read {
                        assembler.push(event);
                    }
                    assembler.finish()
                },
                criterion::BatchSize::LargeInput,
            );
        });
        let assembly = analyse_bytes(&data).assembly;
        group.bench_with_input(
            BenchmarkId::new("diagnose", jdk),
            &assembly,
            |bencher, assembly| {
                bencher.iter(|| black_box(diagnose(assembly)));
            },
        );
        group.finish();
    }
}

/// What taking an envelope off costs, beside copying the bare text.
fn envelopes(criterion: &mut Criterion) {
    let bare = grown("17", 8 << 20);
    let wrap = |line: &dyn Fn(usize, &str) -> String| -> Vec<u8> {
        let text = String::from_utf8_lossy(&bare);
        let lines = text.lines().enumerate();
        lines
            .flat_map(|(n, text)| line(n, text).into_bytes())
            .collect()
    };
    let logs = [
        wrap(&|n, text| {
            let (minute, second) = (n / 6000 % 60, n / 100 % 60);
            format!("INFO   | jvm 1    | 2026/03/04 12:{minute:02}:{second:02} | {text}\n")
        }),
        wrap(&|n, text| format!("2026-03-04T12:00:00.{n:09}Z stderr F {text}\n")),
        wrap(&|n, text| {
            let ms = n / 20 % 1000;
            format!("2026-03-04 12:00:00,{ms:03} ERROR [stderr] (default task-1) {text}\n")
        }),
        wrap(&|n, text| {
            let log = serde_json::to_string(&format!("{text}\n")).unwrap();
            format!(
                "{{\"log\":{log},\"stream\":\"stderr\",\"time\":\"2026-03-04T12:00:00.{n:09}Z\"}}\n"
            )
        }),
    ];
    let mut group = criterion.benchmark_group("envelope");
    group.sample_size(10);
    for log in &logs {
        let envelope = Envelope::detect(&log[..1 << 20]).unwrap();
        let mut out = Unwrapped::default();
        group.throughput(Throughput::Bytes(log.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(envelope.name()), |bencher| {
            bencher.iter(|| {
                for block in whole_lines(log, 2 << 20) {
                    envelope.unwrap_block(block, &mut out);
                    black_box(&out);
                }
            });
        });
    }
    group.bench_function("detect bare", |bencher| {
        bencher.iter(|| black_box(Envelope::detect(&bare[..1 << 20])));
    });
    group.finish();
}

/// Blocks of about `size` bytes that end at line ends.
fn whole_lines(mut log: &[u8], size: usize) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    while log.len() > size {
        let end = memchr::memrchr(b'\n', &log[..size]).unwrap() + 1;
        blocks.push(&log[..end]);
        log = &log[end..];
    }
    blocks.push(log);
    blocks
}

fn end_to_end(criterion: &mut Criterion) {
    let data = grown("17", 32 << 20);
    let mut group = criterion.benchmark_group("end to end");
    group
        .throughput(Throughput::Bytes(data.len() as u64))
        .sample_size(10);
    for format in ["text", "ndjson"] {
        group.bench_function(format, |bencher| {
            bencher.iter(|| {
                let analysis = analyse_bytes(&data);
                let diagnosis = diagnose(&analysis.assembly);
                let inputs = [Analysed {
                    path: "bench".to_owned(),
                    origin: jssl_analyze::input::Origin::default(),
                    analysis,
                    diagnosis,
                }];
                let (report, mut out) = (Report::new(&inputs), Vec::new());
                match format {
                    "text" => text::write(&report, text::Options::default(), &mut out).unwrap(),
                    _ => json::write_ndjson(&report, &mut out).unwrap(),
                }
                black_box(out)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, stages, envelopes, end_to_end);
criterion_main!(benches);
