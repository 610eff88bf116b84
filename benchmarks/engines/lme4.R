# lme4: what worker.py does for the Python engines, by the same rules.
#   Rscript lme4.R FOLDER FORMULA SECONDS FEWEST MOST
suppressMessages(library(lme4))
given <- commandArgs(trailingOnly = TRUE)
folder <- given[1]
formula <- as.formula(given[2])
seconds <- as.numeric(given[3])
fewest <- as.integer(given[4])
most <- as.integer(given[5])
short <- 0.3

read_column <- function(name, kind) {
  base <- file.path(folder, name)
  if (kind == "real") {
    file <- paste0(base, ".f8")
    return(readBin(file, "double", file.size(file) / 8, endian = "little"))
  }
  file <- paste0(base, ".i4")
  values <- readBin(file, "integer", file.size(file) / 4, size = 4, endian = "little")
  if (kind == "whole") return(values)
  levels <- readLines(paste0(base, ".levels"))
  if (kind == "text") return(levels[values + 1L])
  structure(values + 1L, levels = levels, class = "factor")
}

read_frame <- function() {
  lines <- strsplit(readLines(file.path(folder, "columns.txt")), " ")
  columns <- lapply(lines, function(pair) read_column(pair[1], pair[2]))
  names(columns) <- vapply(lines, `[`, "", 1)
  as.data.frame(columns, stringsAsFactors = FALSE)
}

status_bytes <- function(name) {
  if (!file.exists("/proc/self/status")) return(0)
  line <- grep(name, readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) * 1024
}

timed <- function() {
  cpu <- sum(proc.time()[1:2])
  wall <- Sys.time()
  model <- suppressMessages(suppressWarnings(lmer(formula, data = frame)))
  list(
    model = model,
    wall = as.numeric(Sys.time() - wall, units = "secs"),
    cpu = sum(proc.time()[1:2]) - cpu
  )
}

warm <- data.frame(x = rep(1:6, 10), g = rep(1:10, each = 6))
warm$y <- sin(seq_len(60)) + 2 * cos(warm$g)
invisible(suppressMessages(lmer(y ~ x + (1 | g), warm)))
frame <- read_frame()
invisible(gc())
try(cat("5", file = "/proc/self/clear_refs"), silent = TRUE)
before <- status_bytes("VmRSS:")
run <- timed()
top <- status_bytes("VmHWM:")
wall <- cpu <- numeric(0)
if (run$wall >= short) {
  wall <- run$wall
  cpu <- run$cpu
  n <- min(fewest, floor(seconds / run$wall)) - 1
} else {
  n <- max(fewest, min(most, floor(seconds / run$wall)))
}
for (i in seq_len(max(n, 0))) {
  run <- timed()
  wall <- c(wall, run$wall)
  cpu <- c(cpu, run$cpu)
}
list_of <- function(x) paste0("[", paste(format(x, digits = 6), collapse = ", "), "]")
version <- sprintf(
  "%s (R %s, BLAS %s)", packageVersion("lme4"), getRversion(),
  basename(extSoftVersion()[["BLAS"]])
)
cat(sprintf(
  paste0(
    '{"status": "ok", "version": "%s", "wall": %s, "cpu": %s, "criterion": %.12g,',
    ' "data_bytes": %.0f, "resident_before": %.0f, "resident_peak": %.0f}\n'
  ),
  version, list_of(wall), list_of(cpu), REMLcrit(run$model),
  as.numeric(object.size(frame)), before, max(top, before)
))
