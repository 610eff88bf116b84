# Runs the R code of master.md, block by block, and keeps what it prints:
#
#     Rscript docs/r_users/capture.R
#
# from the root of the repository, after R code of the master has changed. It needs the
# packages named below and jsonlite. Nothing else of the project needs R.

packages <- c("lme4", "lmerTest", "merTools", "performance", "pbkrtest")
options(width = 80, useFancyQuotes = FALSE)
pdf(NULL)
suppressPackageStartupMessages(library(lme4))
foreach::registerDoSEQ() # merTools is silent then

blocks <- function(lines) {
  start <- which(lines == "```r")
  end <- which(lines == "```")
  lapply(start, function(i) lines[(i + 1):(min(end[end > i]) - 1)])
}

printed <- function(code, place) {
  say <- function(condition) cat(conditionMessage(condition), "\n", sep = "")
  out <- capture.output(
    withCallingHandlers(
      for (one in parse(text = code)) {
        found <- withVisible(eval(one, place))
        if (found$visible) print(found$value)
      },
      message = function(m) { cat(conditionMessage(m)); invokeRestart("muffleMessage") },
      warning = function(w) { say(w); invokeRestart("muffleWarning") }
    )
  )
  paste(sub(" +$", "", out), collapse = "\n")
}

code <- blocks(readLines("docs/r_users/master.md"))
texts <- vapply(code, paste, "", collapse = "\n")
place <- new.env(parent = globalenv())
outputs <- lapply(code, printed, place = place)
versions <- vapply(packages, function(p) as.character(packageVersion(p)), "")
jsonlite::write_json(
  list(
    versions = as.list(c(R = paste(R.version$major, R.version$minor, sep = "."), versions)),
    outputs = setNames(outputs, texts)
  ),
  "docs/r_users/r_output.json", auto_unbox = TRUE, pretty = TRUE
)
