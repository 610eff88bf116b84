# lme4: what worker.py does for the Python engines, by the same rules.
#   Rscript lme4.R FOLDER FORMULA WORK LIMIT SECONDS FEWEST MOST
# WORK is "fit", or what is done with a fitted model, as in work.py.
suppressMessages(library(lme4))
given <- commandArgs(trailingOnly = TRUE)
folder <- given[1]
formula <- as.formula(given[2])
work <- given[3]
limit <- as.numeric(given[4])
seconds <- as.numeric(given[5])
fewest <- as.integer(given[6])
most <- as.integer(given[7])
short <- 0.3
n_sims <- 1000

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

quietly <- function(value) suppressMessages(suppressWarnings(value))

sds <- function(model) {
  unlist(lapply(VarCorr(model), attr, "stddev"))
}

fit <- function() quietly(lmer(formula, data = frame))

# What is timed: from the fit that was made before the clock.
works <- list(
  fit = function(model) fit(),
  boot = function(model) {
    numbers <- function(m) c(sds(m), sigma(m), fixef(m))
    quietly(bootMer(model, numbers, nsim = n_sims))
  },
  profile = function(model) quietly(confint(model, oldNames = FALSE))
)
# What is shown of the result.
looks <- list(
  fit = function(result) numeric(0),
  boot = function(result) {
    n <- length(sds(model)) + 1
    apply(result$t[, seq_len(n), drop = FALSE], 2, sd, na.rm = TRUE)
  },
  profile = function(result) result[1, ]
)

timed <- function() {
  setTimeLimit(elapsed = limit, transient = TRUE)
  cpu <- sum(proc.time()[1:2])
  wall <- Sys.time()
  result <- works[[work]](model)
  wall <- as.numeric(Sys.time() - wall, units = "secs")
  cpu <- sum(proc.time()[1:2]) - cpu
  setTimeLimit()
  # bootMer takes the end of its time for a replicate that failed, and goes on.
  if (wall > limit) stop("time limit")
  list(result = result, wall = wall, cpu = cpu)
}

say <- function(words, ...) {
  cat(sprintf(words, ...))
  quit(status = 0)
}

limited <- function(run) {
  tryCatch(run(), error = function(e) {
    if (!grepl("time limit", conditionMessage(e))) stop(e)
    say('{"status": "limit", "reason": "over %.0f s for one run"}\n', limit)
  })
}

if (!work %in% names(works)) {
  reason <- "it has no public function for it"
  say('{"status": "not tried", "reason": "%s"}\n', reason)
}
warm <- data.frame(x = rep(1:6, 10), g = rep(1:10, each = 6))
warm$y <- sin(seq_len(60)) + 2 * cos(warm$g)
invisible(suppressMessages(lmer(y ~ x + (1 | g), warm)))
frame <- read_frame()
model <- if (work == "fit") NULL else fit()
invisible(gc())
try(cat("5", file = "/proc/self/clear_refs"), silent = TRUE)
before <- status_bytes("VmRSS:")
run <- limited(timed)
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
  run <- limited(timed)
  wall <- c(wall, run$wall)
  cpu <- c(cpu, run$cpu)
}
list_of <- function(x) {
  paste0("[", paste(format(x, digits = 6, trim = TRUE), collapse = ", "), "]")
}
version <- sprintf(
  "%s (R %s, BLAS %s)", packageVersion("lme4"), getRversion(),
  basename(extSoftVersion()[["BLAS"]])
)
found <- if (work == "fit") {
  sprintf('"criterion": %.12g', REMLcrit(run$result))
} else {
  sprintf('"differs": "", "numbers": %s', list_of(looks[[work]](run$result)))
}
cat(sprintf(
  paste0(
    '{"status": "ok", "version": "%s", "wall": %s, "cpu": %s, %s,',
    ' "data_bytes": %.0f, "resident_before": %.0f, "resident_peak": %.0f}\n'
  ),
  version, list_of(wall), list_of(cpu), found,
  as.numeric(object.size(frame)), before, max(top, before)
))
