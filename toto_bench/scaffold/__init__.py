"""`toto-bench new`: templates of a task and of a backbone, and what writes them into a plug-in folder.

The templates are working code. These names in them are replaced: `sample_plugins`, `sample-name` (in cards),
`sample_name` (of modules), `SampleName` (of classes), `Sample Name` (in tables).
"""
